import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView, NewToken } from '../../proto/api.ts';
import { type AgentWorld, leftovers, startWorld } from '../support/agent-world.ts';
import { until } from '../support/fleet.ts';
import {
  bundleOf,
  bundleWith,
  type LaunchedAgent,
  launchAgent,
} from '../support/launched-agent.ts';
import { seededRandom } from '../support/seeded-random.ts';

const isFull = process.env.JAMESD_FULL !== undefined;
const seed = Number(process.env.JAMESD_SEED ?? 20260101);
const kills = isFull ? 60 : 2;
const points = isFull ? 25 : 2;
const LONG_MS = isFull ? 1_200_000 : 120_000;
const device = 'self';
const agentPacket = resolve(import.meta.dirname, '../../packaging/agent-packet');
const path = 'usr/lib/jamesc/jamesc.js';

/** Does something with every request that the program makes. */
const onRequest = (act: string): string => `
import trialHttp from 'node:http';
import { syncBuiltinESMExports as trialSync } from 'node:module';
const trialRequest = trialHttp.request;
trialHttp.request = (...asked) => { ${act} };
trialSync();
`;

/** Releases of the agent that are no good: what is wrong, the program, what is said of it. */
const broken: [what: string, version: string, change: (bundle: string) => string, why: RegExp][] = [
  ['cannot be read', '2.0.1', (bundle) => `${bundle}\n)(`, /ended with status 1/],
  [
    'hangs before it does anything',
    '2.0.2',
    (bundle) => bundleWith(bundle, 'await new Promise(() => setInterval(() => {}, 1000));'),
    /not through after/,
  ],
  [
    'crashes with the first answer of the server',
    '2.0.3',
    (bundle) =>
      bundleWith(
        bundle,
        onRequest(
          "const request = trialRequest(...asked); request.on('response', () => process.exit(9)); return request;",
        ),
      ),
    /ended with status 9/,
  ],
  [
    'cannot reach the server',
    '2.0.4',
    (bundle) => bundleWith(bundle, onRequest("throw new Error('no network');")),
    /not through after/,
  ],
];

let world: AgentWorld;
let agent: LaunchedAgent;

const put = (version: string, bundle: string): Promise<string> =>
  world.put({
    name: 'jamesc',
    labels: { version },
    data: { [path]: { text: bundle, mode: 0o755 } },
  });
/** The way that the manual tells: a packet's source is made by a script, and built. */
async function putBySource(version: string, bundle: string): Promise<void> {
  const [program, source, packet] = ['made.js', 'made', 'made.jpk'].map((name) => world.path(name));
  writeFileSync(program as string, bundle);
  await promisify(execFile)(agentPacket, [program as string, source as string], {
    env: { PATH: process.env.PATH ?? '', JAMESC_NODE: process.execPath },
  });
  for (const args of [
    ['build', source as string, '-f', packet as string],
    ['upload', packet as string],
  ]) {
    const { status, stderr } = await world.server.ctl(['packet', ...args]);
    if (status !== 0) throw new Error(`${version}: ${stderr}`);
  }
}
const want = (version: string): Promise<void> =>
  world.want(device, [{ name: 'jamesc', labels: { version } }]);
const reaches = (is: (view: DeviceView) => boolean, ms = 60_000): Promise<DeviceView> => {
  let last: DeviceView | undefined;
  return until(
    async () => {
      last = await world.view(device);
      return 'phase' in last && is(last) ? last : undefined;
    },
    () => `${JSON.stringify(last)}\n${agent.output()}`,
    ms,
  );
};
const runs = (view: DeviceView, version: string): boolean =>
  view.online && view.reported?.agent === version;
const isSeen = ({ reported, desired }: DeviceView): boolean =>
  reported?.seen?.revision === desired?.revision;

beforeAll(async () => {
  world = await startWorld();
  await putBySource('1.0.1', bundleOf('1.0.1'));
  for (const version of ['1.0.2', '1.0.3']) await put(version, bundleOf(version));
  for (const [, version, change] of broken) await put(version, change(bundleOf(version)));
  const { body } = await world.server.api<NewToken>('POST', '/v1/tokens', { kind: 'join' });
  const options = { id: device, joinToken: body.token, bundle: bundleOf('1.0.0') };
  agent = launchAgent(world.server, world.path(device), options);
  await reaches((view) => runs(view, '1.0.0') && view.desired !== null);
});
afterAll(async () => {
  await agent?.stop();
  await world?.stop();
});

function requireQuiet(): void {
  for (const name of ['trial', 'journal'])
    expect(existsSync(join(agent.state, name)), name).toBe(false);
  expect(leftovers(agent.root)).toEqual([]);
}

describe('an agent that replaces itself', () => {
  it('goes on as the new one when that has reached the server, and keeps the one before', async () => {
    await want('1.0.1');
    await reaches((view) => view.converged && runs(view, '1.0.1'));
    expect(readFileSync(agent.program, 'utf8')).toBe(bundleOf('1.0.1'));
    expect(readFileSync(join(agent.state, 'previous/jamesc.js'), 'utf8')).toBe(bundleOf('1.0.0'));
    requireQuiet();
    expect(agent.starts()).toBe(2);
  });

  it.each(broken)('goes on as before when the new one %s', async (_, version, _change, why) => {
    // Those that never end are waited for; a start on a busy machine is quicker.
    agent.set({ JAMESC_TRIAL_SECONDS: /not through/.test(why.source) ? '4' : '120' });
    await agent.kill();
    await reaches((view) => view.converged && runs(view, '1.0.1'));
    await want(version);
    const view = await reaches(
      (now) => isSeen(now) && runs(now, '1.0.1') && now.phase === 'rolled-back',
    );
    expect(view.reason).toMatch(why);
    expect(view.reported?.retryAt).toBe(null);
    expect(readFileSync(agent.program, 'utf8')).toBe(bundleOf('1.0.1'));
    await until(() => !existsSync(join(agent.state, 'trial')));
    requireQuiet();
    // A start later it is still known to be no good.
    const starts = agent.starts();
    agent.kill();
    await until(() => agent.starts() > starts);
    await reaches((now) => runs(now, '1.0.1') && now.phase === 'rolled-back');
    expect(agent.starts()).toBe(starts + 1);
    await want('1.0.1');
    await reaches((now) => now.converged && runs(now, '1.0.1'));
  });

  it('takes itself back when it finds that the device is not well with it', async () => {
    const health = { checks: [{ command: `! grep -q 1.0.2 '${agent.program}'` }], retries: 0 };
    await world.want(device, [{ name: 'jamesc', labels: { version: '1.0.2' } }], { health });
    const view = await reaches(
      (now) => isSeen(now) && runs(now, '1.0.1') && now.phase === 'rolled-back',
    );
    expect(view.reason).toContain('After the change the device is not well');
    expect(view.reported?.retryAt).toBe(null);
    expect(readFileSync(agent.program, 'utf8')).toBe(bundleOf('1.0.1'));
    requireQuiet();
    await want('1.0.1');
    await reaches((now) => now.converged && runs(now, '1.0.1'));
  });

  /** Waits until the device is on the new release, or on the old one for good; nothing is left over. */
  async function requireEither(before: string, next: string, where: string): Promise<void> {
    const view = await reaches(
      (now) =>
        now.online &&
        isSeen(now) &&
        (now.converged || (now.reported?.retryAt === null && now.phase === 'rolled-back')),
    );
    const version = view.converged ? next : before;
    await reaches((now) => runs(now, version));
    expect(readFileSync(agent.program, 'utf8'), where).toBe(bundleOf(version));
    requireQuiet();
  }
  /** The release that runs; from here on it is the one that is wanted. */
  const running = async (): Promise<string> => {
    const { reported } = await reaches((view) => view.online && view.reported !== null);
    const version = reported?.agent ?? '';
    await want(version);
    await reaches((view) => view.converged && runs(view, version));
    return version;
  };
  const other = (version: string): string => (version === '1.0.2' ? '1.0.3' : '1.0.2');

  it(
    `is the old one or the new one whenever everything is killed (seed ${seed})`,
    async () => {
      const random = seededRandom(seed);
      agent.set({ JAMESC_TRIAL_SECONDS: '120' });
      for (let n = 0; n < kills; n += 1) {
        const before = await running();
        const next = other(before);
        await want(next);
        const begun = performance.now();
        const after = random() * 3000;
        await until(() => performance.now() - begun > after);
        agent.kill();
        await requireEither(before, next, `kill ${n} after ${after} ms`);
      }
    },
    LONG_MS,
  );

  it.each(['old', 'new'] as const)(
    `is the old one or the new one when the %s one is killed at any point (seed ${seed})`,
    async (which) => {
      const random = seededRandom(seed);
      const trace = world.path(`trace-${which}`);
      agent.set({ JAMESC_TRIAL_SECONDS: '120' });
      const step = async (env: Record<string, string>, where: string): Promise<void> => {
        const before = await running();
        const next = other(before);
        const starts = agent.starts();
        agent.set(env);
        if (which === 'old') agent.kill();
        else await want(next);
        await until(() => agent.starts() > starts);
        // Only this one start is concerned: what comes after it lives.
        agent.set({ JAMESD_FAULT: '', JAMESD_FAULT_TRACE: '' });
        if (which === 'old') {
          await reaches((view) => runs(view, before));
          await want(next);
        }
        await requireEither(before, next, where);
      };
      await step({ JAMESD_FAULT_TRACE: trace }, 'without a fault');
      const passed = readFileSync(trace, 'utf8').trimEnd().split('\n');
      // What the new one does after its trial, and the old one before it hears of anything, is not of interest.
      const changing = passed.filter(
        (point) =>
          /@(journal|index|state|root|staged|saved|manifests)#/.test(point) &&
          !/^(lstat|read)/.test(point),
      );
      expect(changing.length).toBeGreaterThan(5);
      for (let n = 0; n < points; n += 1) {
        const point = changing[Math.floor(random() * changing.length)] as string;
        await step({ JAMESD_FAULT: `${point}:kill` }, point);
      }
    },
    LONG_MS,
  );
});
