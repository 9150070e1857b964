import { describe, expect, it } from 'vitest';
import { explainLabels } from '../../../server/core/explain.ts';
import { makePacket, worldOf } from '../../support/make.ts';

const packets = [
  makePacket({ seq: 1, name: 'logger', labels: { version: '1.0.0', arch: 'amd64' } }),
  makePacket({
    seq: 2,
    name: 'logger',
    labels: { version: '1.0.0', arch: 'armv7l' },
    depends: [{ name: 'libhub', version: '>=2' }],
  }),
  makePacket({ seq: 3, name: 'logger', labels: { version: '1.0.0' } }),
  makePacket({ seq: 4, name: 'logger', labels: { version: '0.9.0', arch: 'armv7l' } }),
  makePacket({ seq: 5, name: 'libhub', labels: { version: '2.1' } }),
];
const specs = [
  {
    id: 'logger-spec',
    revision: 3,
    target: { fleet: 'alpha' },
    apps: [{ name: 'logger', labels: { version: '1.0.0' } }],
  },
  {
    id: 'low',
    revision: 1,
    priority: -1,
    target: {},
    apps: [{ name: 'logger', labels: { version: '0.9.0' } }],
  },
  {
    id: 'beta',
    revision: 1,
    target: { fleet: ['beta', 'gamma'], board: { exists: true } },
    apps: [{ name: 'shell' }],
  },
];
const device = { fleet: 'alpha', arch: 'armv7l' };
const explain = (only?: string) => explainLabels(device, specs, worldOf(packets), only);

describe('explainLabels', () => {
  it('says which specs apply and why others do not', () => {
    const [, , beta] = explain().specs;
    expect(explain().specs.map(({ id, applies }) => [id, applies])).toEqual([
      ['logger-spec', true],
      ['low', true],
      ['beta', false],
    ]);
    expect(beta?.unmet).toEqual([
      'wants fleet to be one of beta, gamma, the device has fleet=alpha',
      'wants board to be there, the device has no label "board"',
    ]);
  });

  it('says which line counts, what was chosen, and why the runners-up lost', () => {
    const [app] = explain('logger').apps;
    expect(app?.lines.map(({ spec, counts }) => [spec, counts])).toEqual([
      ['logger-spec', true],
      ['low', false],
    ]);
    expect(app?.wanted).toEqual({ fleet: 'alpha', arch: 'armv7l', version: '1.0.0' });
    expect(app?.chosen?.why).toBe('wanted by spec logger-spec (revision 3)');
    expect(
      app?.candidates.map(({ id, verdict }) => [
        packets.findIndex((packet) => packet.id === id),
        verdict,
      ]),
    ).toEqual([
      [1, 'is the best match'],
      [2, 'fits, but has fewer labels (1 against 2)'],
      [0, 'needs arch=amd64 (the device has armv7l)'],
      [3, 'lacks version=1.0.0 (has 0.9.0)'],
    ]);
  });

  it('explains a prerequisite by the chain that needs it', () => {
    const [app] = explain('libhub').apps;
    expect(app?.chosen?.why).toBe('needed by logger, which spec logger-spec wants');
    expect(app?.chosen?.reason).toEqual({ spec: 'logger-spec', revision: 3, neededBy: ['logger'] });
  });

  it('names the label that is missing when no packet fits', () => {
    const { apps, problems } = explainLabels(
      { fleet: 'alpha', arch: 'riscv64' },
      specs,
      worldOf(packets.slice(0, 2)),
      'logger',
    );
    expect(problems[0]?.code).toBe('no-candidate');
    expect(problems[0]?.detail).toContain('needs arch=amd64 (the device has riscv64)');
    expect(apps[0]?.problem).toEqual(problems[0]);
  });

  it('a name that nobody wants has no lines and no choice', () => {
    expect(explain('shell').apps).toEqual([
      { name: 'shell', lines: [], wanted: device, chosen: null, candidates: [], problem: null },
    ]);
  });
});
