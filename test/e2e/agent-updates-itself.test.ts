import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
const kills = isFull ? 60 : 5;
const device = 'self';
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
    (bundle) =>
      bundleWith(
        bundle,
        "process.on('SIGTERM', () => {}); await new Promise(() => setInterval(() => {}, 1000));",
      ),
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
  for (const version of ['1.0.1', '1.0.2', '1.0.3']) await put(version, bundleOf(version));
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
    agent.set({ JAMESC_TRIAL_SECONDS: /not through/.test(why.source) ? '6' : '120' });
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

  it(`is the old one or the new one whenever everything is killed (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    agent.set({ JAMESC_TRIAL_SECONDS: '120' });
    const versions = ['1.0.2', '1.0.3'];
    for (let n = 0; n < kills; n += 1) {
      const before = (await reaches(({ reported }) => reported !== null)).reported?.agent ?? '';
      const next = versions[n % 2] as string;
      await want(next);
      const begun = performance.now();
      const after = random() * 3000;
      await until(() => performance.now() - begun > after);
      agent.kill();
      const view = await reaches(
        (now) =>
          now.online &&
          isSeen(now) &&
          (now.converged || (now.reported?.retryAt === null && now.phase === 'rolled-back')),
      );
      const version = view.converged ? next : before;
      await reaches((now) => runs(now, version));
      expect(readFileSync(agent.program, 'utf8'), `kill ${n} after ${after} ms`).toBe(
        bundleOf(version),
      );
      requireQuiet();
    }
  });
});
