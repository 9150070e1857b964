import mqtt from 'mqtt';
import { tsImport } from 'tsx/esm/api';

const { deviceTopic, FLEET_CHANGES_TOPIC } = await tsImport(
  '../../proto/topics.ts',
  import.meta.url,
);

/**
 * Follows the fleet over MQTT as the dashboard does and prints a line whenever a device moves: `fleet/changes` comes at
 * most once a second, the reports of the named devices come at once.
 * @returns {{ converged(ids: string[], ms: number): Promise<void>, stop(): Promise<void> }}
 */
export function watchFleet({ http, token, devices, print }) {
  const rows = new Map();
  const listeners = new Set();
  const reports = new Map(devices.map((id) => [deviceTopic(id, 'reported'), id]));
  const client = mqtt.connect(`${http.replace(/^http/, 'ws')}/mqtt`, {
    clientId: `start-${process.pid}`,
    username: 'token',
    password: token,
    reconnectPeriod: 1000,
  });
  client.on('error', () => {});
  client.on('connect', () => {
    client.subscribe([FLEET_CHANGES_TOPIC, ...reports.keys()], { qos: 1 }, () => void readAll());
  });
  client.on('message', (topic, payload) => {
    const message = JSON.parse(payload);
    if (reports.has(topic)) return takeReport(reports.get(topic), message);
    for (const id of message.removed) rows.delete(id);
    for (const row of message.devices) take(row);
  });

  /** What a device does right now; that it is done is left to `fleet/changes`, which knows the versions. */
  function takeReport(id, { phase, seen }) {
    if (phase === 'idle') return;
    const revision = seen?.revision;
    take({ id, phase, converged: false, online: true, revision, packets: [] });
  }

  function take(row) {
    const line = describe(row);
    if (rows.get(row.id)?.line === line) return;
    rows.set(row.id, { row, line });
    print(line);
    for (const listener of listeners) listener();
  }

  /** What happened before the subscription held is read once. */
  async function readAll() {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${http}/v1/devices`, { headers }).catch(() => null);
    if (!answer?.ok) return;
    const { items } = await answer.json();
    for (const { id, phase, converged, online, desired } of items) {
      if (!rows.has(id))
        take({ id, phase, converged, online, revision: desired?.revision, packets: [] });
    }
  }

  function converged(ids, ms) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(late(ids, rows, ms))), ms);
      const look = () => {
        if (!ids.every((id) => rows.get(id)?.row.converged)) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  }

  return { converged, stop: () => client.endAsync(true) };
}

function describe({ id, phase, converged, online, revision, packets, problems = 0 }) {
  const state = converged ? 'converged' : phase === 'idle' ? 'joined' : phase;
  const has = packets
    .filter(({ status }) => status === 'installed')
    .map(({ name, version }) => `${name} ${version ?? ''}`.trim());
  const rest = [
    has.join(', '),
    problems > 0 ? `${problems} problems` : '',
    revision ? `revision ${revision}` : '',
  ];
  return `${id.padEnd(12)}  ${(online ? state : 'offline').padEnd(12)} ${rest.filter(Boolean).join('  ')}`.trimEnd();
}

function late(ids, rows, ms) {
  const states = ids.map((id) => rows.get(id)?.line ?? `${id} has not joined`);
  return `not every device converged within ${ms / 1000} s:\n  ${states.join('\n  ')}`;
}
