import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView, EventView, Impact, PacketView, Plan } from '../../proto/api.ts';
import { sha256Of } from '../../proto/digest.ts';
import type {
  ApplyResult,
  GenerationView,
  RevisionView,
  SpecView,
} from '../../proto/document-views.ts';
import {
  enrolDevice,
  type HttpDevice,
  type RealServer,
  startRealServer,
  uploadNew,
} from './real-server.ts';

const archs = ['amd64', 'armv6l', 'armv7l'];
const directory = mkdtempSync(join(tmpdir(), 'jamesd-ctl-'));
const path = (...parts: string[]): string => join(directory, ...parts);
const ids = new Map<string, string>();
let server: RealServer;
let devices: HttpDevice[] = [];

const spec = (version: string): string => `id: logger-spec
target: {fleet: alpha}
apps:
  - name: logger
    labels: {version: ${version}}
`;
const writeSpec = (version: string): string => {
  writeFileSync(path('logger-spec.yaml'), spec(version));
  return 'logger-spec.yaml';
};

beforeAll(async () => {
  server = await startRealServer(directory);
  for (const version of ['1.0.0', '1.1.0']) {
    for (const arch of archs)
      ids.set(
        `${version} ${arch}`,
        await uploadNew(server, directory, 'logger', { version, arch }),
      );
  }
  devices = await Promise.all(
    archs.map((arch) => enrolDevice(server, `device-${arch}`, { fleet: 'alpha', arch })),
  );
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** The tests below build on one another: they follow one configuration through its life. */
describe('packets', () => {
  it('upload prints the id, and again if the server has it already', async () => {
    const file = path('source-logger-1.0.0-amd64.jpk');
    const expected = sha256Of(readFileSync(file));
    const again = await server.ctl(['packet', 'upload', file]);
    expect(again).toEqual({ status: 0, stdout: `${expected}\n`, stderr: '' });
    expect(ids.get('1.0.0 amd64')).toBe(expected);
  });

  it('list filters by name and selector', async () => {
    const all = await server.json<PacketView[]>(['packet', 'list']);
    expect(all).toHaveLength(6);
    const some = await server.json<PacketView[]>([
      'packet',
      'list',
      '-n',
      'logger',
      '-l',
      'arch!=amd64,version=1.1.0',
    ]);
    expect(some.map(({ labels }) => labels.arch).sort()).toEqual(['armv6l', 'armv7l']);
    expect(await server.json(['packet', 'list', '-n', 'none'])).toEqual([]);
  });

  it('info shows control and files by name with labels, by id, by a beginning of it, and by file', async () => {
    const id = ids.get('1.0.0 armv7l') as string;
    const ways = [
      ['logger', '-l', 'version=1.0.0,arch=armv7l'],
      [id],
      [id.slice(0, 20)],
      [path('source-logger-1.0.0-armv7l.jpk')],
    ];
    for (const way of ways) {
      const info = await server.json<{ id: string; files: { path: string }[] }>([
        'packet',
        'info',
        ...way,
      ]);
      expect(info.id).toBe(id);
      expect(info.files.map((file) => file.path)).toContain('/usr/bin/logger');
    }
  });

  it('a name with other labels is not found, and the error says which there are', async () => {
    const { status, stderr } = await server.ctl([
      'packet',
      'info',
      'logger',
      '-l',
      'version=1.0.0',
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('arch=amd64,version=1.0.0');
    expect(stderr).toContain('(not-found)');
  });

  it('download gives the same bytes', async () => {
    const { stdout, status } = await server.ctl([
      'packet',
      'download',
      ids.get('1.1.0 armv6l') as string,
      '-f',
      'got.jpk',
    ]);
    expect([status, stdout]).toEqual([0, 'got.jpk\n']);
    expect(sha256Of(readFileSync(path('got.jpk')))).toBe(ids.get('1.1.0 armv6l'));
  });

  it('install takes a packet of the server', async () => {
    mkdirSync(path('root'));
    const place = ['--root', 'root', '--state', 'state'];
    const { status, stdout } = await server.ctl([
      ...['packet', 'install', 'logger', '-l', 'version=1.1.0,arch=amd64', ...place],
    ]);
    expect([status, stdout]).toEqual([0, 'logger 1.1.0 (arch=amd64)  installed\n']);
    expect(readFileSync(path('root', 'usr/bin/logger'), 'utf8')).toContain('echo logger');
  });

  it('other bytes under the same name and labels are refused', async () => {
    mkdirSync(path('other', 'data'), { recursive: true });
    writeFileSync(
      path('other', 'control.yaml'),
      'name: logger\nlabels: {version: 1.0.0, arch: amd64}\n',
    );
    await server.ctl(['packet', 'build', 'other', '-f', 'other.jpk']);
    const { status, stderr } = await server.ctl(['packet', 'upload', 'other.jpk']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('(packet-exists)')]);
  });
});

describe('a configuration through its life', () => {
  it('diff and plan tell of what apply will do', async () => {
    writeSpec('1.0.0');
    const diff = await server.ctl(['diff', '-f', 'logger-spec.yaml']);
    expect(diff.status).toBe(3);
    expect(diff.stdout).toContain('+id: logger-spec');
    expect(diff.stdout).toContain('# 3 devices change: 3 installs.');
    const impact = await server.json<Impact>(['plan', '-f', 'logger-spec.yaml']);
    expect(impact).toMatchObject({ devices: 3, installs: 3, removals: 0 });
  });

  it('apply makes a generation; again it changes nothing', async () => {
    const dry = await server.json<ApplyResult>(['apply', '-f', '.', '--dry-run']);
    expect(dry.results.map(({ change }) => change)).toEqual(['created']);
    const first = await server.json<ApplyResult>(['apply', '-f', '.', '-m', 'the first']);
    expect(first.generation).toBe(1);
    const again = await server.json<ApplyResult>(['apply', '-f', 'logger-spec.yaml']);
    expect(again.results.map(({ change }) => change)).toEqual(['unchanged']);
    const same = await server.ctl(['diff', '-f', 'logger-spec.yaml']);
    expect(same).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('apply reads stdin', async () => {
    const result = await server.json<ApplyResult>(['apply', '-f', '-'], { stdin: spec('1.0.0') });
    expect(result.results.map(({ id, change }) => [id, change])).toEqual([
      ['logger-spec', 'unchanged'],
    ]);
  });

  it('wait ends with 3 while a device is not there, and says which; with 0 when all are', async () => {
    const [first, ...others] = devices as [HttpDevice, ...HttpDevice[]];
    for (const device of others) await device.converge();
    const notYet = await server.ctl(['wait', '-l', 'fleet=alpha', '--timeout', '1ms']);
    expect(notYet.status).toBe(3);
    expect(notYet.stdout).toContain(first.id);
    expect(notYet.stdout).not.toContain((others[0] as HttpDevice).id);
    const waiting = server.ctl(['wait', '--for', 'converged', '--timeout', '20s']);
    await first.converge();
    const done = await waiting;
    expect([done.status, done.stdout]).toEqual([
      0,
      expect.stringContaining('3 devices are converged'),
    ]);
  });

  it('wait for a device that nobody knows says so', async () => {
    const { status, stdout } = await server.ctl(['wait', 'nobody', '--timeout', '1ms']);
    expect([status, stdout]).toEqual([3, 'Device nobody is not enrolled.\n']);
  });

  it('spec get prints what can be uploaded again', async () => {
    const { stdout } = await server.ctl(['spec', 'get', 'logger-spec']);
    const yaml = await server.ctl(['spec', 'get', 'logger-spec', '-o', 'yaml']);
    for (const text of [stdout, yaml.stdout]) {
      const result = await server.json<ApplyResult>(['apply', '-f', '-'], { stdin: text });
      expect(result.results.map(({ change }) => change)).toEqual(['unchanged']);
    }
    const view = await server.json<SpecView>(['spec', 'get', 'logger-spec']);
    expect(view).toMatchObject({ id: 'logger-spec', revision: 1, message: 'the first' });
  });

  it('spec upload replaces, spec update only what is there', async () => {
    const file = writeSpec('1.1.0');
    const [stored] = await server.json<SpecView[]>(['spec', 'upload', file, '-m', 'the second']);
    expect(stored?.revision).toBe(2);
    writeFileSync(path('none.txt'), 'id: none\ntarget: {}\n');
    const none = await server.ctl(['spec', 'update', '-f', 'none.txt']);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('(not-found)')]);
    const stale = await server.ctl(['spec', 'update', file, '--if-match', '1']);
    expect([stale.status, stale.stderr]).toEqual([
      1,
      expect.stringContaining('(precondition-failed)'),
    ]);
  });

  it('history, diff and rollback of a spec', async () => {
    const revisions = await server.json<RevisionView[]>(['spec', 'history', 'logger-spec']);
    expect(revisions.map(({ revision }) => revision)).toEqual([2, 1]);
    const diff = await server.ctl(['spec', 'diff', 'logger-spec']);
    expect(diff.status).toBe(3);
    expect(diff.stdout).toContain('-      version: 1.0.0\n+      version: 1.1.0\n');
    expect((await server.ctl(['spec', 'diff', 'logger-spec', '2', '2'])).status).toBe(0);
    const missing = await server.ctl(['spec', 'diff', 'logger-spec', '7']);
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('it has 1 to 2')]);
    const back = await server.json<SpecView>(['spec', 'rollback', 'logger-spec', '--to', '1']);
    expect(back).toMatchObject({
      revision: 3,
      apps: [{ name: 'logger', labels: { version: '1.0.0' } }],
    });
  });

  it('a packet that a spec chooses is not deleted', async () => {
    const used = await server.ctl(['packet', 'delete', 'logger', '-l', 'version=1.0.0,arch=amd64']);
    expect([used.status, used.stderr]).toEqual([1, expect.stringContaining('(packet-in-use)')]);
  });

  it('deleting is refused with the number of removals and the command to repeat', async () => {
    const refused = await server.ctl(['spec', 'delete', 'logger-spec', '--token', server.token]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      'Repeat it with: jamesd-ctl spec delete logger-spec --token "$JAMESD_TOKEN" --confirm-removals 3\n',
    );
    expect(refused.stderr).not.toContain(server.token);
    const problem = await server.ctl(['spec', 'delete', 'logger-spec', '-o', 'json']);
    expect(JSON.parse(problem.stderr)).toMatchObject({
      status: 409,
      code: 'removals-unconfirmed',
      removals: 3,
      devices: 3,
    });
    const wrong = await server.ctl(['spec', 'delete', 'logger-spec', '--confirm-removals', '2']);
    expect(wrong.stderr).toContain('--confirm-removals 3');
    const pruned = await server.ctl(['apply', '-f', 'none.txt', '--prune']);
    expect(pruned.stderr).toContain(
      'Repeat it with: jamesd-ctl apply -f none.txt --prune --confirm-removals 3',
    );
  });

  it('explain says which spec and labels chose the packet, and why the others lost', async () => {
    const { stdout } = await server.ctl(['explain', 'device-armv7l', 'logger']);
    expect(stdout).toContain(
      'logger 1.0.0 (arch=armv7l) is chosen; it is wanted by spec logger-spec (revision 3).',
    );
    expect(stdout).toContain('logger 1.0.0 (arch=amd64): needs arch=amd64 (the device has armv7l)');
    expect(stdout).toContain('logger 1.1.0 (arch=armv7l): lacks version=1.0.0');
  });

  it('compute answers for a device that does not exist', async () => {
    const plan = await server.json<Plan>(['packet', 'compute', '-l', 'fleet=alpha,arch=armv6l']);
    expect(plan.packets.map(({ id }) => id)).toEqual([ids.get('1.0.0 armv6l')]);
    const merged = await server.json<{ ids: string[] }>(['spec', 'compute', '-l', 'fleet=alpha']);
    expect(merged.ids).toEqual(['logger-spec']);
    expect(await server.json(['spec', 'compute', '-l', 'fleet=beta'])).toBeNull();
  });

  it('generations are listed and returned to', async () => {
    const deleted = await server.ctl(['spec', 'delete', 'logger-spec', '--confirm-removals', '3']);
    expect([deleted.status, deleted.stdout]).toEqual([0, 'logger-spec\n']);
    const generations = await server.json<GenerationView[]>(['history']);
    expect(generations.map(({ generation }) => generation)).toEqual([4, 3, 2, 1]);
    const back = await server.json<ApplyResult>(['rollback', '3', '-m', 'it was right']);
    expect(back).toMatchObject({
      generation: 5,
      results: [{ id: 'logger-spec', change: 'created' }],
    });
    expect(await server.json(['history', '--limit', '2'])).toHaveLength(2);
  });
});

describe('devices', () => {
  it('list by selector and phase', async () => {
    const some = await server.json<DeviceView[]>(['device', 'list', '-l', 'arch=amd64|armv6l']);
    expect(some.map(({ id }) => id).sort()).toEqual(['device-amd64', 'device-armv6l']);
    const names = await server.ctl(['device', 'list', '--phase', 'failed', '-o', 'name']);
    expect(names).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('labels of the operator are set and removed', async () => {
    const set = await server.json<DeviceView>([
      'device',
      'labels',
      'device-amd64',
      'ring=canary',
      'site=a=b',
    ]);
    expect(set.labelSources.operator).toEqual({ ring: 'canary', site: 'a=b' });
    const removed = await server.json<DeviceView>(['device', 'labels', 'device-amd64', 'ring-']);
    expect(removed.labelSources.operator).toEqual({ site: 'a=b' });
    const guarded = await server.ctl(['device', 'labels', 'device-amd64', 'fleet=none']);
    expect(guarded.stderr).toContain(
      'Repeat it with: jamesd-ctl device labels device-amd64 fleet=none --confirm-removals 1',
    );
  });

  it('get shows packets with their versions', async () => {
    await devices[0]?.converge();
    const { stdout } = await server.ctl(['device', 'get', 'device-amd64']);
    expect(stdout).toContain('logger 1.0.0 (arch=amd64)  installed');
    const unknown = await server.ctl(['device', 'get', 'nobody']);
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('(not-found)')]);
  });

  it('watch tells of each change once, as lines of JSON, and ends when it is ended', async () => {
    const stopping = new AbortController();
    const watching = server.ctl(
      ['device', 'watch', 'device-amd64', '-o', 'json', '--interval', '100ms', '--timeout', '15s'],
      {
        signal: stopping.signal,
        onStdout: (text) => {
          if (text.includes('"phase":"downloading"')) stopping.abort(new Error('enough'));
        },
      },
    );
    await devices[0]?.report({ phase: 'downloading' });
    const { status, stdout } = await watching;
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const phases = lines.map((line) => (JSON.parse(line) as DeviceView).phase);
    expect(phases.at(-1)).toBe('downloading');
    expect(phases.length).toBeLessThanOrEqual(2);
  });

  it('devices are asked to try again, and to look again', async () => {
    interface Asked {
      asked: number;
      devices: { id: string; asked: boolean; revision: number | null; reason: string | null }[];
    }
    const revisionOf = async (id: string) =>
      (await server.json<DeviceView>(['device', 'get', id])).desired?.revision ?? 0;
    const before = await revisionOf('device-amd64');
    const one = await server.json<Asked>(['device', 'retry', 'device-amd64']);
    expect(one).toMatchObject({ asked: 1, devices: [{ asked: true, revision: before + 1 }] });
    expect(await revisionOf('device-amd64')).toBe(before + 1);
    const shown = await server.ctl(['device', 'refresh', '-l', 'fleet=alpha']);
    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain('3 devices are asked to look again.');
    expect(await revisionOf('device-amd64')).toBe(before + 1);
    const some = await server.ctl(['device', 'refresh', 'device-amd64', 'nobody', '-o', 'json']);
    expect(some.status).toBe(1);
    expect(JSON.parse(some.stdout)).toMatchObject({
      asked: 1,
      devices: [{ asked: true }, { id: 'nobody', asked: false, revision: null }],
    });
    const events = await server.json<EventView[]>(['events', '--kind', 'device-retried']);
    expect(events).toMatchObject([{ subject: 'device-amd64', detail: `revision ${before + 1}` }]);
    expect(events[0]?.actor).toMatch(/^token:/);
  });

  it.each([
    [['nobody'], 1, 'not-found'],
    [['-l', 'fleet=nowhere'], 1, 'not-found'],
    [[], 2, 'usage'],
    [['device-amd64', '--all'], 2, 'usage'],
    [['--all', '-l', 'fleet=alpha'], 2, 'usage'],
  ])('device retry %j is refused', async (args, status, code) => {
    const answer = await server.ctl(['device', 'retry', ...args]);
    expect([answer.status, answer.stdout]).toEqual([status, '']);
    expect(answer.stderr).toContain(`(${code})`);
  });

  it('a device that has converged is passed over, unless it is named', async () => {
    await devices[0]?.converge();
    const all = await server.json<{ devices: unknown[] }>(['device', 'retry', '-l', 'arch=amd64']);
    expect(all.devices).toMatchObject([{ asked: false, reason: 'it has what is wanted' }]);
    expect(await server.json(['device', 'retry', 'device-amd64'])).toMatchObject({ asked: 1 });
  });

  it('an unknown approval is refused; removal is final', async () => {
    const approval = await server.ctl(['device', 'approve-removal', 'device-amd64']);
    expect([approval.status, approval.stderr]).toEqual([
      1,
      expect.stringContaining('(no-removal-pending)'),
    ]);
    expect((await server.ctl(['device', 'remove', 'device-armv6l'])).stdout).toBe(
      'device-armv6l\n',
    );
    expect((await server.ctl(['device', 'get', 'device-armv6l'])).status).toBe(1);
  });
});

describe('events', () => {
  it('events are listed oldest first and filtered', async () => {
    const all = await server.json<EventView[]>(['events', '--limit', '1000']);
    const numbers = all.map(({ seq }) => seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const about = await server.json<EventView[]>([
      'events',
      '--subject',
      'logger-spec',
      '--kind',
      'spec-updated',
    ]);
    expect(about.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['spec-updated', 'logger-spec'],
    ]);
    expect(await server.json(['events', '--limit', '3'])).toEqual(all.slice(-3));
  });
});
