import { join } from 'node:path';
import Type from 'typebox';
import Value from 'typebox/value';
import type { Clock, Random } from '../proto/clock.ts';
import { JamesError } from '../proto/errors.ts';
import type { Labels } from '../proto/labels.ts';
import type { Log } from '../proto/log.ts';
import { type BackoffPolicy, backoffDelay } from './core/backoff.ts';
import { dropProposal, proposeSecret } from './proposed-secret.ts';
import { jsonBytes, readJsonFile, replaceFile } from './state-file.ts';
import type { Files } from './system/files.ts';
import { MAX_DOCUMENT_BYTES } from './transports/desired-poll.ts';
import { problemOf, retryAfterMs } from './transports/http-answers.ts';
import type { HttpClient } from './transports/http-client.ts';

const SavedIdentity = Type.Object({
  schema: Type.Literal('jamesc.identity/1'),
  device: Type.String({ minLength: 1 }),
  secret: Type.String({ minLength: 1 }),
});

/** What a device proves itself with; the secret is in no log. */
export interface Identity {
  device: string;
  secret: string;
}

/** Reads the identity that an earlier run got, or null. */
export async function loadIdentity(files: Files, state: string): Promise<Identity | null> {
  const saved = await readJsonFile(files, identityPath(state));
  return Value.Check(SavedIdentity, saved) ? { device: saved.device, secret: saved.secret } : null;
}

const identityPath = (state: string): string => join(state, 'identity.json');

export interface EnrolDeps {
  http: HttpClient;
  files: Files;
  state: string;
  clock: Clock;
  random: Random;
  log: Log;
  /** Told why the device has no identity yet, whenever that changes. */
  onWaiting(waiting: EnrolWaiting): void;
}

/** `approval`: the id exists, an operator must approve. `token`: the join token is not taken. `server`: no answer. */
export type EnrolWaiting = 'approval' | 'token' | 'server';

const ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 15_000;
const PACE: Readonly<Record<EnrolWaiting, BackoffPolicy>> = {
  approval: { baseMs: 2_000, capMs: 30_000 },
  token: { baseMs: 60_000, capMs: 600_000 },
  server: { baseMs: 1_000, capMs: 60_000 },
};

/**
 * Joins with a token until the server gives an identity, which is on disk when the promise resolves. Waits as long as it
 * takes; rejects only with the signal's reason or for a request that the server finds malformed. The agent proposes the
 * secret: where an answer may have been lost, it first tries whether the server knows it.
 */
export async function enrol(
  deps: EnrolDeps,
  request: { id: string; labels: Labels; joinToken: string },
  signal: AbortSignal,
): Promise<Identity> {
  const { secret, isOld } = await proposeSecret(deps.files, deps.state, request.id);
  const proposed: Identity = { device: request.id, secret };
  let mayBeKnown = isOld;
  let waiting: EnrolWaiting | null = null;
  for (let failures = 1; ; failures += 1) {
    const known = mayBeKnown && (await isKnown(deps, proposed, signal));
    const result = known ? proposed : await tryEnrol(deps, { ...request, secret }, signal);
    if (isIdentity(result)) {
      await saveIdentity(deps, result);
      await dropProposal(deps.files, deps.state);
      return result;
    }
    mayBeKnown = result.why === 'server';
    if (result.why !== waiting) {
      failures = 1;
      deps.log.warn({ device: request.id, err: result.detail }, sentenceOf(result.why, request.id));
      deps.onWaiting(result.why);
    }
    waiting = result.why;
    const pause = backoffDelay(PACE[waiting], failures, deps.random);
    await deps.clock.sleep(result.waitMs ?? pause, signal);
  }
}

async function saveIdentity(deps: EnrolDeps, identity: Identity): Promise<void> {
  const saved = { schema: 'jamesc.identity/1', ...identity };
  await replaceFile(deps.files, identityPath(deps.state), jsonBytes(saved), { mode: 0o600 });
}

/** True if the server takes the identity. */
async function isKnown(
  { http }: EnrolDeps,
  { device, secret }: Identity,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const answer = await http.fetch(
      {
        method: 'GET',
        url: `/v1/devices/${device}/desired`,
        headers: { 'if-none-match': '*' },
        authorization: `Basic ${Buffer.from(`${device}:${secret}`).toString('base64')}`,
        timeoutMs: TIMEOUT_MS,
        signal,
      },
      MAX_DOCUMENT_BYTES,
    );
    return answer.status === 200 || answer.status === 304;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof JamesError) return false;
    throw error;
  }
}

const isIdentity = (result: Identity | Refused): result is Identity => 'secret' in result;

type Refused = { why: EnrolWaiting; detail: string; waitMs: number | null };

async function tryEnrol(
  { http }: EnrolDeps,
  { joinToken, ...request }: { id: string; labels: Labels; joinToken: string; secret: string },
  signal: AbortSignal,
): Promise<Identity | Refused> {
  const body = jsonBytes(request);
  try {
    const answer = await http.fetch(
      {
        method: 'POST',
        url: '/v1/enrol',
        headers: { 'content-type': 'application/json' },
        authorization: `Bearer ${joinToken}`,
        body,
        timeoutMs: TIMEOUT_MS,
        signal,
      },
      ANSWER_BYTES,
    );
    if (answer.status === 201) return readEnrolment(answer.content);
    const problem = problemOf(answer);
    const why = whyOf(answer.status, problem);
    if (why === null) throw problem;
    return { why, detail: problem.message, waitMs: retryAfterMs(answer) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof JamesError) || error.code !== 'server-unreachable') throw error;
    return { why: 'server', detail: error.message, waitMs: null };
  }
}

function whyOf(status: number, problem: JamesError): EnrolWaiting | null {
  if (status === 409) return 'approval';
  if (status === 401 || status === 403) return 'token';
  return status >= 500 || status === 429 || problem.retryable ? 'server' : null;
}

function readEnrolment(content: Uint8Array): Identity {
  const value = JSON.parse(Buffer.from(content).toString()) as Partial<Identity>;
  if (typeof value.device === 'string' && typeof value.secret === 'string')
    return { device: value.device, secret: value.secret };
  throw new JamesError('bad-message', 'The server answered the enrolment with something else.');
}

function sentenceOf(why: EnrolWaiting, id: string): string {
  switch (why) {
    case 'approval':
      return `A device with the id "${id}" exists. Waiting until an operator runs "jamesd-ctl device approve ${id}".`;
    case 'token':
      return 'The server does not take the join token. Give a valid one with --join-token.';
    case 'server':
      return 'The server cannot be reached to enrol. Trying again.';
  }
}
