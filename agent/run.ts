import { join } from 'node:path';
import { type Agent, createAgent } from './agent.ts';
import { createDownloads } from './downloads/downloads.ts';
import type { Identity } from './identity.ts';
import { joinServer } from './joining.ts';
import { untilDone } from './once.ts';
import { createHttpPackageServer } from './packages/http-package-server.ts';
import { createReportSequence } from './report-sequence.ts';
import type { OpenDevice, RunParts } from './run-parts.ts';
import { createSavedDesired } from './saved-desired.ts';
import { createSavedFailure } from './saved-failure.ts';
import { createStatusFile, type StatusFile } from './status-file.ts';
import { statusOf } from './status-of.ts';
import type { Notifier } from './system/notify.ts';
import { MAX_DOCUMENT_BYTES } from './transports/desired-poll.ts';
import { problemOf } from './transports/http-answers.ts';
import { createHttpClient, type HttpClient } from './transports/http-client.ts';
import { createHttpTransport } from './transports/http-transport.ts';
import { createMqttTransport } from './transports/mqtt-transport.ts';
import { createSwitchingTransport } from './transports/switching-transport.ts';
import type { Transport } from './transports/transport.ts';
import { AGENT_VERSION } from './version.ts';

const FETCH_TIMEOUT_MS = 30_000;

/** Joins if need be and converges until it is asked to end, or once; resolves with the exit status. */
export async function runAgent(parts: RunParts): Promise<number> {
  const { config, clock, random, files, log, stopping } = parts;
  let identity: Identity | null = null;
  const http = createHttpClient({
    server: config.server,
    authorization: () => identity && basic(identity),
    clock,
  });
  const directory = join(config.state, 'downloads');
  const device = await parts.openDevice(
    createDownloads({ http, files, directory, clock, random, log, zone: parts.zone }),
    createHttpPackageServer({ http, device: () => identity?.device ?? '' }),
    (signal) => isReachable(http, identity, signal),
  );
  const { supervisor } = parts;
  const status = alsoTo(supervisor, createStatusFile({ files, state: config.state, log }));
  supervisor.ready();
  try {
    const joined = await joinServer(parts, { http, device, status });
    if (typeof joined === 'number') return joined;
    identity = joined;
    return await converging(parts, { http, device, status, identity });
  } catch (error) {
    if (stopping.aborted) return 0;
    throw error;
  } finally {
    supervisor.stop();
    http.stop();
    await status.flush();
    await device.close();
  }
}

/** What the status file shows is told to the supervisor in a line. */
const alsoTo = (supervisor: Notifier, file: StatusFile): StatusFile => ({
  ...file,
  show(status) {
    supervisor.status([status.phase, ...(status.reason ? [status.reason] : [])].join(': '));
    file.show(status);
  },
});

interface Running {
  http: HttpClient;
  device: OpenDevice;
  status: StatusFile;
  identity: Identity;
}

async function converging(parts: RunParts, running: Running): Promise<number> {
  const { config, clock, log, stopping } = parts;
  const agent: Agent = agentOf(parts, running, () => (config.once ? null : agent.etag()));
  running.device.onInstalled(() => void agent.installedChanged());
  running.device.onHolds(() => agent.lookAgain());
  await agent.start();
  const { http, identity } = running;
  const done = () => untilDone({ agent, http, device: identity.device, clock, log });
  const exit = await Promise.race([untilAborted(stopping), ...(config.once ? [done()] : [])]);
  await agent.stop();
  return exit;
}

function agentOf(parts: RunParts, running: Running, knownEtag: () => string | null): Agent {
  const { config, clock, random, log, files, facts, bootId, pid } = parts;
  const { http, status, identity } = running;
  const { device } = identity;
  const { state } = config;
  return createAgent({
    device,
    transport: transportOf(parts, running, knownEtag),
    transactions: running.device.transactions,
    saved: createSavedDesired({ files, state, device }),
    sequence: createReportSequence({ files, state, clock }),
    failures: createSavedFailure({ files, state, log }),
    tryAtOnce: config.once,
    gates: running.device.gatesOf(device),
    fetchDocument: (url, signal) => fetchDocument(http, url, signal),
    features: running.device.features,
    about: { facts, config: config.labels, agent: AGENT_VERSION, bootId },
    clock,
    random,
    log,
    onStanding: (standing, link) =>
      status.show(statusOf(standing, link, { device, pid, now: clock.now() })),
  });
}

function untilAborted(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(0);
    signal.addEventListener('abort', () => resolve(0), { once: true });
  });
}

function transportOf(
  { config, clock, random, log }: RunParts,
  { http, identity }: Running,
  knownEtag: () => string | null,
): Transport {
  const { device, secret } = identity;
  const shared = { device, clock, random, log };
  const { mqtt: url, pollMs } = config;
  return createSwitchingTransport({
    mqtt: url === null ? null : createMqttTransport({ ...shared, url, secret: () => secret }),
    http: createHttpTransport({ ...shared, http, pollMs, knownEtag }),
    log,
  });
}

/** Whether the server answers this device; who it is must be known to it. */
async function isReachable(
  http: HttpClient,
  identity: Identity | null,
  signal: AbortSignal,
): Promise<boolean> {
  const url = `/v1/devices/${identity?.device ?? ''}`;
  const request = { method: 'GET' as const, url, timeoutMs: FETCH_TIMEOUT_MS, signal };
  return (await http.fetch(request, MAX_DOCUMENT_BYTES)).status === 200;
}

async function fetchDocument(
  http: HttpClient,
  url: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const request = { method: 'GET' as const, url, timeoutMs: FETCH_TIMEOUT_MS, signal };
  const answer = await http.fetch(request, MAX_DOCUMENT_BYTES);
  if (answer.status !== 200) throw problemOf(answer);
  return answer.content;
}

const basic = ({ device, secret }: Identity): string =>
  `Basic ${Buffer.from(`${device}:${secret}`).toString('base64')}`;
