import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createPacketDevice,
  failureOf,
  type PacketDevice,
  type TestPacket,
} from '../../support/packet-device.ts';
import { listTree, treeDifference } from '../../support/tree.ts';
import { until } from '../../support/until.ts';

const all = ['preinst', 'postinst', 'prerm', 'postrm'];

/** A packet whose every script notes that it ran, for what, and which program is there; `bad` ends with 3. */
function noting(device: PacketDevice, version: string, bad: readonly string[] = []): TestPacket {
  const log = join(device.root, '..', 'notes');
  const script = (name: string): string =>
    [
      '#!/bin/sh',
      `echo "${version} ${name} $JAMESD_ACTION $JAMESD_OLD_VERSION>$JAMESD_NEW_VERSION $(cat "$JAMESD_ROOT/f" 2>/dev/null)" >> ${log}`,
      ...(bad.includes(name)
        ? ['if [ "$JAMESD_ACTION" != undo ]; then echo broken; exit 3; fi']
        : []),
      '',
    ].join('\n');
  return {
    name: 'p',
    labels: { version },
    data: { f: `file-${version}` },
    scripts: Object.fromEntries(all.map((name) => [name, script(name)])),
  };
}

function takeNotes(device: PacketDevice): string[] {
  const file = join(device.root, '..', 'notes');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  writeFileSync(file, '');
  return lines.filter((line) => line !== '').map((line) => line.trimEnd());
}

describe('scripts run', () => {
  it('in the order of the format', async () => {
    const device = createPacketDevice();
    const one = await device.build(noting(device, '1'));
    const two = await device.build(noting(device, '2'));
    await device.converge([one]);
    expect(takeNotes(device)).toEqual(['1 preinst install >1', '1 postinst install >1 file-1']);
    await device.converge([two]);
    expect(takeNotes(device)).toEqual([
      '1 prerm upgrade 1>2 file-1',
      '2 preinst upgrade 1>2 file-1',
      '1 postrm upgrade 1>2 file-2',
      '2 postinst upgrade 1>2 file-2',
    ]);
    await device.converge([]);
    expect(takeNotes(device)).toEqual(['2 prerm remove 2> file-2', '2 postrm remove 2>']);
  });

  it('with the interpreter they name, at /, with nothing of the agent in the environment', async () => {
    const device = createPacketDevice();
    process.env.JAMESC_JOIN_TOKEN = 'secret';
    const packet = await device.build({
      name: 'p',
      data: { f: 'f' },
      scripts: {
        preinst: '#!/usr/bin/env -S sh -e\npwd; env | cut -d= -f1 | sort | tr "\\n" " "',
        postinst: 'echo without a first line',
      },
    });
    await device.converge([packet]);
    delete process.env.JAMESC_JOIN_TOKEN;
    expect(device.lines[0]).toBe('p preinst: /');
    expect(
      device.lines[1]?.split(' ').filter((word) => !/^(_|PWD|SHLVL|OLDPWD|)$/.test(word)),
    ).toEqual([
      'p',
      'preinst:',
      'HOME',
      'JAMESD_ACTION',
      'JAMESD_NEW_VERSION',
      'JAMESD_OLD_VERSION',
      'JAMESD_PACKET',
      'JAMESD_ROOT',
      'LANG',
      'PATH',
    ]);
    expect(device.lines.at(-1)).toBe('p postinst: without a first line');
  });

  it('no longer than they may, nor do their children', async () => {
    const device = createPacketDevice();
    const mark = join(device.root, '..', 'pid');
    const packet = await device.build({
      name: 'p',
      data: { f: 'f' },
      scripts: { preinst: `#!/bin/sh\nsleep 600 & echo $! > ${mark}\nwait\n` },
    });
    const failed = failureOf(await device.converge([packet]));
    expect(failed).toMatchObject({ code: 'script-failed', undone: true });
    expect(failed.reason).toContain('took longer than 5 s');
    const pid = Number(readFileSync(mark, 'utf8'));
    await until(
      'the child is gone',
      () =>
        !existsSync(`/proc/${pid}`) ||
        /\nState:\tZ/.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
    );
  });
});

/** What runs when a script fails: the table of docs/packets.md. */
const failing: {
  step: string;
  from: string | null;
  to: string | null;
  bad: [string, string];
  notes: string[];
}[] = [
  {
    step: 'install',
    from: null,
    to: '2',
    bad: ['2', 'preinst'],
    notes: ['2 preinst install', '2 postrm undo'],
  },
  {
    step: 'install',
    from: null,
    to: '2',
    bad: ['2', 'postinst'],
    notes: ['2 preinst install', '2 postinst install', '2 prerm undo', '2 postrm undo'],
  },
  {
    step: 'upgrade',
    from: '1',
    to: '2',
    bad: ['1', 'prerm'],
    notes: ['1 prerm upgrade', '1 postinst undo'],
  },
  {
    step: 'upgrade',
    from: '1',
    to: '2',
    bad: ['2', 'preinst'],
    notes: ['1 prerm upgrade', '2 preinst upgrade', '2 postrm undo', '1 postinst undo'],
  },
  {
    step: 'upgrade',
    from: '1',
    to: '2',
    bad: ['1', 'postrm'],
    notes: [
      '1 prerm upgrade',
      '2 preinst upgrade',
      '1 postrm upgrade',
      '1 preinst undo',
      '2 postrm undo',
      '1 postinst undo',
    ],
  },
  {
    step: 'upgrade',
    from: '1',
    to: '2',
    bad: ['2', 'postinst'],
    notes: [
      '1 prerm upgrade',
      '2 preinst upgrade',
      '1 postrm upgrade',
      '2 postinst upgrade',
      '2 prerm undo',
      '1 preinst undo',
      '2 postrm undo',
      '1 postinst undo',
    ],
  },
  {
    step: 'remove',
    from: '1',
    to: null,
    bad: ['1', 'prerm'],
    notes: ['1 prerm remove', '1 postinst undo'],
  },
  {
    step: 'remove',
    from: '1',
    to: null,
    bad: ['1', 'postrm'],
    notes: ['1 prerm remove', '1 postrm remove', '1 preinst undo', '1 postinst undo'],
  },
];

describe('a script that fails', () => {
  for (const { step, from, to, bad, notes } of failing) {
    it(`puts everything back: ${bad.join(' ')} of an ${step}`, async () => {
      const device = createPacketDevice();
      const build = async (version: string) =>
        await device.build(noting(device, version, bad[0] === version ? [bad[1]] : []));
      if (from !== null) await device.converge([await build(from)]);
      takeNotes(device);
      const before = listTree(device.root, { directoryTimes: true });
      const failed = failureOf(await device.converge(to === null ? [] : [await build(to)]));
      expect(failed).toMatchObject({ code: 'script-failed', undone: true, retryable: true });
      expect(failed.failures.map(({ name }) => name)).toEqual(['p']);
      expect(failed.reason).toContain('status 3: broken');
      expect(takeNotes(device).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(notes);
      expect(treeDifference(listTree(device.root, { directoryTimes: true }), before)).toEqual([]);
      expect(device.phases.at(-1)).toBe('rolling-back');
    });
  }

  it('takes back the packets before it as well', async () => {
    const device = createPacketDevice();
    const good = await device.build({ name: 'a', data: { a: 'a' } });
    const bad = await device.build({
      name: 'b',
      depends: ['a'],
      data: { b: 'b' },
      scripts: { postinst: 'exit 1' },
    });
    failureOf(await device.converge([bad, good]));
    expect(listTree(device.root)).toEqual({});
    expect((await device.parts().transactions.installed()).packets).toEqual([]);
  });
});
