import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desired } from '../../proto/desired.ts';
import type { Reported } from '../../proto/reported.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { makeDesired } from '../support/desired.ts';
import { type DesiredPeer, startDesiredPeer } from '../support/desired-peer.ts';
import { type AgentProcess, until } from '../support/fleet.ts';
import { type MqttPeer, startMqttPeer } from '../support/mqtt-peer.ts';
import { listTree, type TreeListing, treeDifference } from '../support/tree.ts';

type Signed = Desired['signed'];

/** A device with something installed, before a server and a broker that lie. */
interface Deceived {
  agent: AgentProcess;
  /** What it has accepted. */
  signed: Signed;
  before: TreeListing;
  peer: DesiredPeer;
  broker: MqttPeer;
  /** The newest report. */
  reported(): Reported;
  /** Goes on when the agent has judged all that was said to it. */
  judged(): Promise<void>;
}

let world: AgentWorld;
const open: { peer: DesiredPeer; broker: MqttPeer }[] = [];
beforeAll(async () => {
  world = await startWorld();
  await world.put({ name: 'app', data: { 'bin/app': 'mine' } });
});
afterAll(async () => {
  await world?.stop();
  for (const { peer, broker } of open) await Promise.all([peer.down(), broker.down()]);
});

/** A document for the device with a right digest, one revision further, that takes everything away. */
const lie = (signed: Signed, change: Partial<Signed> = {}): string => {
  const { device, epoch, revision } = signed;
  const next = { device, epoch, revision: revision + 1, packets: [], ...change };
  return JSON.stringify(makeDesired(next));
};

/** What is said, and the code with which the agent passes it over. */
const lies: [string, (signed: Signed) => string, string][] = [
  ['nothing', () => '', 'bad-message'],
  ['null', () => 'null', 'bad-message'],
  ['an empty object', () => '{}', 'unknown-schema'],
  ['no JSON', () => '{"schema":"jamesd.desired/1","signed":', 'bad-json'],
  ['an unknown schema', (s) => lie(s).replace('desired/1', 'desired/99'), 'unknown-schema'],
  ['another schema', (s) => lie(s).replace('desired/1', 'reported/1'), 'unknown-schema'],
  ['a list', (s) => `[${lie(s)}]`, 'bad-message'],
  ['no packets at all', (s) => lie(s).replace('"packets":[],', ''), 'bad-message'],
  ['a key twice', (s) => lie(s).replace('"lock":', '"packets":[],"lock":'), 'duplicate-key'],
  ['a document for another device', (s) => lie(s, { device: 'somebody' }), 'misaddressed'],
  ['another digest', (s) => lie(s, { digest: `sha256:${'0'.repeat(64)}` }), 'digest-mismatch'],
  ['one that has expired', (s) => lie(s, { expiresAt: '2020-01-01T00:00:00Z' }), 'expired'],
  ['one that expires never', (s) => lie(s, { expiresAt: 'never' }), 'bad-message'],
  ['the same revision with other packets', (s) => lie(s, { revision: s.revision }), 'bad-message'],
  [
    'a revision that is no number',
    (s) => lie(s).replace(/"revision":\d+/, '"revision":1e400'),
    'bad-message',
  ],
  [
    'a packet whose id climbs',
    (s) =>
      lie(s, {
        packets: [
          {
            ...{ name: 'app', id: 'sha256:../../../etc/passwd', labels: {}, size: 1, url: '/x' },
            reason: { spec: 's', revision: 1 },
          },
        ],
      }),
    'bad-message',
  ],
  ['deep nesting', () => `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'bad-json'],
];

async function deceive(device: string): Promise<Deceived> {
  const honest = await world.join(device);
  await world.want(device, [{ name: 'app' }]);
  await world.converged(honest);
  await honest.stop();
  const read = <Value>(name: string): Value =>
    JSON.parse(readFileSync(join(honest.state, name), 'utf8')) as Value;
  const { secret } = read<{ secret: string }>('identity.json');
  const { signed } = read<Desired>('desired.json');
  const basic = `Basic ${Buffer.from(`${device}:${secret}`).toString('base64')}`;
  const peer = await startDesiredPeer(basic);
  const broker = await startMqttPeer();
  open.push({ peer, broker });
  const server = {
    http: `http://127.0.0.1:${peer.port}`,
    mqtt: `mqtt://127.0.0.1:${broker.port}`,
  };
  const agent = world.start(device, { server, args: ['--poll', '1s'] });
  const reports = () => broker.received.filter(({ topic }) => topic.endsWith('/reported'));
  await until(() => reports().length > 0);
  const deceived: Deceived = {
    ...{ agent, signed, before: listTree(agent.root), peer, broker },
    reported: () => JSON.parse(String(reports().at(-1)?.payload)) as Reported,
    async judged() {
      // A feature that nobody has is refused aloud: when that is reported, all before it was judged.
      const feature = `feature-${Math.floor(performance.now())}`;
      say(deceived, lie(signed, { requires: [feature] }));
      await until(
        () => deceived.reported().reason?.includes(feature),
        () => agent.running.stderr(),
      );
    },
  };
  return deceived;
}

const say = ({ broker, agent }: Deceived, text: string): void =>
  broker.retain(deviceTopic(agent.id, 'desired'), text);

const isUnchanged = ({ agent, before, signed, reported }: Deceived): void => {
  expect(treeDifference(listTree(agent.root), before)).toEqual([]);
  const { revision, digest } = signed;
  expect(reported().installed).toEqual({ revision, digest });
  expect(reported().packets).toMatchObject([{ name: 'app', status: 'installed', error: null }]);
  const saved = JSON.parse(readFileSync(join(agent.state, 'desired.json'), 'utf8')) as Desired;
  expect(saved.signed.revision).toBe(revision);
};

describe('a server that lies', () => {
  it('changes nothing by what is no document, not for this device, out of date or of another time', async () => {
    const deceived = await deceive('deceived');
    const { agent, signed } = deceived;
    for (const [what, text, code] of lies) {
      const seen = agent.running.stderr().length;
      say(deceived, text(signed));
      await until(
        () => agent.running.stderr().slice(seen).includes(`"code":"${code}"`),
        () => `${what}: ${agent.running.stderr().slice(seen)}`,
        5000,
      );
    }
    await deceived.judged();
    isUnchanged(deceived);
  });

  it('that is older is passed over, in silence', async () => {
    const deceived = await deceive('older');
    say(deceived, lie(deceived.signed, { revision: deceived.signed.revision - 1 }));
    await deceived.judged();
    isUnchanged(deceived);
  });

  it('of another epoch is a conflict that is reported, until a document continues what the device has', async () => {
    const deceived = await deceive('epochs');
    const { signed, reported, agent } = deceived;
    const { epoch, revision } = signed;
    for (const after of [
      null,
      { epoch, revision: revision - 1 },
      { epoch: 'third', revision: 99 },
    ]) {
      say(deceived, lie(signed, { epoch: 'another', revision: 1000, after }));
      await until(
        () => reported().phase === 'conflict',
        () => agent.running.stderr(),
      );
      expect(reported().reason).toContain('another');
      isUnchanged(deceived);
      await deceived.judged();
    }
    say(deceived, lie(signed, { epoch: 'another', revision: 1, after: { epoch, revision } }));
    await until(() => reported().epoch === 'another' && reported().installed?.revision === 1);
    expect(listTree(agent.root)).toEqual({});
    expect(reported()).toMatchObject({ phase: 'idle', reason: null });
  });

  it('that refers to a document gets no further over a reference that lies', async () => {
    const deceived = await deceive('referred');
    const { signed, peer, agent } = deceived;
    const { epoch, revision } = signed;
    const refer = (url: string): void => {
      const point = { epoch, revision: revision + 1, digest: signed.digest };
      say(deceived, JSON.stringify({ schema: 'jamesd.desired-ref/1', ...point, url }));
    };
    peer.publish(lie(signed, { device: 'somebody' }));
    refer(`/v1/devices/${agent.id}/desired`);
    await until(
      () => agent.running.stderr().includes('"code":"misaddressed"'),
      () => agent.running.stderr(),
    );
    refer('file:///etc/passwd');
    await until(
      () => agent.running.stderr().includes('file:///etc/passwd'),
      () => agent.running.stderr(),
    );
    await deceived.judged();
    isUnchanged(deceived);
  });

  it('answers over HTTP with nonsense, errors and emptiness in vain', async () => {
    const deceived = await deceive('over-http');
    const { peer, broker, agent, signed } = deceived;
    await broker.down();
    peer.publish(lie(signed, { device: 'somebody' }));
    await until(
      () => agent.running.stderr().includes('"code":"misaddressed"'),
      () => agent.running.stderr(),
    );
    const nonsense: [number, string, string][] = [
      [500, 'oops', 'the server answered 500'],
      [404, '{}', 'the server answered 404'],
      [200, '', '"code":"bad-message"'],
      [200, '<html>sign in to the hotel network</html>', '"code":"bad-json"'],
    ];
    for (const [status, body, said] of nonsense) {
      const seen = agent.running.stderr().length;
      peer.answer(status, body, { etag: `"${status}-${body.length}"` });
      peer.cut();
      await until(
        () => agent.running.stderr().slice(seen).includes(said),
        () => agent.running.stderr(),
      );
      peer.answer(null);
    }
    peer.publish(lie(signed, { requires: ['the-last'] }));
    await until(
      () => peer.reports.some((report) => report.includes('the-last')),
      () => agent.running.stderr(),
      60_000,
    );
    expect(treeDifference(listTree(agent.root), deceived.before)).toEqual([]);
  });
});
