import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createHealth, type HealthRequest } from '../../../agent/health/health.ts';
import { createProbe } from '../../../agent/health/probe.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { type Commands, createCommands } from '../../../agent/system/commands.ts';
import { silentLog } from '../../../proto/log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

type Deps = Parameters<typeof createHealth>[0];
const running = new AbortController().signal;

function health(deps: Partial<Deps> = {}) {
  const clock = createClock();
  return createHealth({
    commands: createCommands({ clock }),
    clock,
    probe: createProbe(),
    root: '/r',
    reachable: async () => true,
    log: silentLog,
    ...deps,
  });
}

/** Of a spec, with short times. */
function spec(
  checks: NonNullable<HealthRequest['health']>['checks'],
  rest: object = {},
): HealthRequest {
  return {
    health: { checks, timeout: '5s', interval: '10ms', retries: 0, ...rest },
    packets: [],
  };
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createHttp(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const sentencesOf = async (request: HealthRequest, deps: Partial<Deps> = {}): Promise<string[]> => {
  const verdict = await health(deps).check(request, running);
  return verdict.healthy ? [] : verdict.sentences;
};

it('nothing asked is healthy', async () => {
  expect(await health().check({ health: null, packets: [] }, running)).toEqual({ healthy: true });
});

it.each([
  ['exit 0', []],
  ['[ "$(pwd)" = / ] && [ "$JAMESD_ACTION:$JAMESD_ROOT" = health:/r ]', []],
  [
    'echo bad luck >&2; exit 3',
    ['The command `echo bad luck >&2; exit 3` ended with status 3: bad luck, in the only try.'],
  ],
  ['kill -9 $$', ['The command `kill -9 $$` was ended by SIGKILL, in the only try.']],
])('the command %s', async (command, sentences) => {
  expect(await sentencesOf(spec([{ command }]))).toEqual(sentences);
});

it('a command that takes too long is ended with what it started', async () => {
  const file = join(temporaryDirectory(), 'pid');
  const command = `sleep 600 & echo $! > ${file}; wait`;
  expect(await sentencesOf(spec([{ command }], { timeout: '300ms' }))).toEqual([
    `The command \`${command}\` took longer than 0.3 s and was ended, in the only try.`,
  ]);
  await until('the process ends', () => !isRunning(Number(readFileSync(file, 'utf8'))));
});

it('a check is asked again until it is answered well', async () => {
  const file = join(temporaryDirectory(), 'tries');
  const command = `echo x >> ${file}; [ $(wc -l < ${file}) -ge 3 ]`;
  expect(await sentencesOf(spec([{ command }], { retries: 1 }))).toEqual([
    `The command \`${command}\` ended with status 1, in the last of 2 tries.`,
  ]);
  expect(await sentencesOf(spec([{ command }], { retries: 1 }))).toEqual([]);
});

it('a unit is asked of systemctl', async () => {
  const real = createCommands({ clock: createClock() });
  const directory = temporaryDirectory();
  const script = join(directory, 'systemctl');
  writeFileSync(
    script,
    '#!/bin/sh\n[ "$1 $2" = "is-active --" ] || exit 9\ncase $3 in good.service) echo active;; slow.service) echo activating; exit 3;; *) echo "no bus" >&2; exit 1;; esac\n',
    { mode: 0o755 },
  );
  const commands: Commands = {
    run: (command) =>
      real.run({ ...command, ...(command.file === 'systemctl' && { file: script }) }),
  };
  const ask = (unit: string): Promise<string[]> => sentencesOf(spec([{ unit }]), { commands });
  expect(await ask('good.service')).toEqual([]);
  expect(await ask('slow.service')).toEqual([
    'The unit slow.service is activating and not active, in the only try.',
  ]);
  expect(await ask('x.service')).toEqual([
    'Whether the unit x.service is active could not be asked: systemctl ended with status 1: no bus, in the only try.',
  ]);
});

it('an address answers with the right status; redirects are not followed', async () => {
  const asked: string[] = [];
  const base = await serve((request, response) => {
    asked.push(request.url ?? '');
    const status = Number(request.url?.slice(1));
    response.writeHead(status, { location: '/200' }).end('x'.repeat(100_000));
  });
  const ask = (path: string, status?: number): Promise<string[]> =>
    sentencesOf(spec([{ http: `${base}${path}`, ...(status && { status }) }]));
  expect(await ask('/200')).toEqual([]);
  expect(await ask('/302')).toEqual([]);
  expect(await ask('/404', 404)).toEqual([]);
  expect(await ask('/200', 204)).toEqual([
    `${base}/200 answered with status 200 and not with 204, in the only try.`,
  ]);
  expect(await ask('/503')).toEqual([
    `${base}/503 answered with status 503 and not with one from 200 to 399, in the only try.`,
  ]);
  expect(asked).toEqual(['/200', '/302', '/404', '/200', '/503']);
});

it('an address that does not answer, or not in HTTP', async () => {
  const silent = await serve(() => undefined);
  expect(await sentencesOf(spec([{ http: silent }], { timeout: '200ms' }))).toEqual([
    `${silent} gave no answer within 0.2 s, in the only try.`,
  ]);
  const port = await freePort();
  expect(await sentencesOf(spec([{ http: `http://127.0.0.1:${port}/` }]))).toEqual([
    `http://127.0.0.1:${port}/ could not be reached (ECONNREFUSED), in the only try.`,
  ]);
  const plain = await serve((_, response) => response.end());
  const secure = plain.replace('http:', 'https:');
  expect(await sentencesOf(spec([{ http: secure }]))).toEqual([
    expect.stringMatching(/^https:.* could not be reached \(.*\), in the only try\.$/),
  ]);
});

it('a port takes a connection or not', async () => {
  const open = createTcp((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => open.listen(0, '::1', resolve));
  onTestFinished(() => void open.close());
  const { port } = open.address() as AddressInfo;
  expect(await sentencesOf(spec([{ tcp: `[::1]:${port}` }]))).toEqual([]);
  const shut = await freePort();
  expect(await sentencesOf(spec([{ tcp: `127.0.0.1:${shut}` }], { retries: 2 }))).toEqual([
    `127.0.0.1:${shut} could not be reached (ECONNREFUSED), in the last of 3 tries.`,
  ]);
});

it('the server is reachable or not, however that is told', async () => {
  const ask = (reachable: Deps['reachable'], timeout = '5s'): Promise<string[]> =>
    sentencesOf(spec([{ server: 'reachable' }], { timeout }), { reachable });
  expect(await ask(async () => true)).toEqual([]);
  expect(await ask(async () => false)).toEqual([
    'The server of jamesd could not be reached, in the only try.',
  ]);
  expect(await ask(() => Promise.reject(new Error('no route')))).toEqual([
    'The server of jamesd could not be reached (no route), in the only try.',
  ]);
  expect(await ask(() => new Promise(() => undefined), '50ms')).toEqual([
    'The server of jamesd gave no answer within 0.05 s, in the only try.',
  ]);
});

it('packets are asked beside the checks, each as it says', async () => {
  const clock = createFakeClock();
  const asked: [string, number, number][] = [];
  const packet = (name: string, retries: number, intervalMs: number, well: number) => {
    let tries = 0;
    const ask = async (timeoutMs: number): Promise<string | null> => {
      tries += 1;
      asked.push([name, clock.monotonic(), timeoutMs]);
      return tries > well ? null : `The packet ${name} is ill.`;
    };
    return { packet: name, timeoutMs: 7, retries, intervalMs, ask };
  };
  const packets = [packet('slow', 3, 1000, 3), packet('quick', 9, 100, 1)];
  const verdict = health({ clock }).check({ health: null, packets }, running);
  await clock.advance(0);
  await clock.advance(10_000);
  expect(await verdict).toEqual({ healthy: true });
  expect(asked).toEqual([
    ['slow', 0, 7],
    ['quick', 0, 7],
    ['quick', 100, 7],
    ['slow', 1000, 7],
    ['slow', 2000, 7],
    ['slow', 3000, 7],
  ]);
  const ill = health({ clock }).check(
    { health: null, packets: [packet('ill', 1, 10, 9)] },
    running,
  );
  await clock.advance(0);
  await clock.advance(1000);
  expect(await ill).toEqual({
    healthy: false,
    sentences: ['The packet ill is ill, in the last of 2 tries.'],
  });
});

it('the first whose tries are used up ends the others', async () => {
  const file = join(temporaryDirectory(), 'pid');
  const slow = `echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 600`;
  const wait = `until [ -e ${file} ]; do sleep 0.02; done; exit 5`;
  const checks = [{ command: slow }, { command: wait }];
  expect(await sentencesOf(spec(checks, { timeout: '20s' }))).toEqual([
    `The command \`${wait}\` ended with status 5, in the only try.`,
  ]);
  expect(isRunning(Number(readFileSync(file, 'utf8')))).toBe(false);
});

it('ends everything when it is told to, also what does not heed a polite word', async () => {
  const file = join(temporaryDirectory(), 'pid');
  const stubborn = `(trap "" TERM; exec sh -c 'echo $$ > ${file}; exec sleep 600') & wait`;
  const base = await serve(() => undefined);
  const stop = new AbortController();
  const checks = [{ command: stubborn }, { http: base }, { server: 'reachable' as const }];
  const reachable = (): Promise<boolean> => new Promise(() => undefined);
  const verdict = health({ reachable }).check(spec(checks), stop.signal);
  await until('it runs', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
  stop.abort(new Error('enough'));
  await expect(verdict).rejects.toThrow('enough');
  await until('the process ends', () => !isRunning(Number(readFileSync(file, 'utf8'))));
  await expect(health().check(spec(checks), stop.signal)).rejects.toThrow('enough');
});

it('many checks are not all asked at once', async () => {
  let [now, most] = [0, 0];
  const packets = Array.from({ length: 100 }, (_, n) => ({
    packet: `p${n}`,
    timeoutMs: 1000,
    retries: 0,
    intervalMs: 1,
    ask: async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return null;
    },
  }));
  expect(await health().check({ health: null, packets }, running)).toEqual({ healthy: true });
  expect(most).toBe(16);
});

it('a question that breaks is no verdict', async () => {
  const broken = { packet: 'p', timeoutMs: 1, retries: 0, intervalMs: 1 };
  const packets = [
    { ...broken, ask: () => Promise.reject(new Error('a fault of the program')) },
    { ...broken, intervalMs: 1_000_000, retries: 5, ask: async () => 'ill' },
  ];
  await expect(health().check({ health: null, packets }, running)).rejects.toThrow('a fault');
});

/** True if the process exists and is no zombie. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
