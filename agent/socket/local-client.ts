import { connect, type Socket } from 'node:net';
import { plainCheck } from '../../proto/check.ts';
import { isErrorCode, JamesError } from '../../proto/errors.ts';
import type { OnLog } from '../drivers/run-script.ts';
import { readLines, writeLine } from './json-lines.ts';
import { LocalReply, type LocalRequest } from './local-protocol.ts';
import { withSocketPath } from './socket-path.ts';

const isReply = plainCheck(LocalReply);

/** The last word on a request. */
export type LocalAnswer = Exclude<LocalReply, { reply: 'log' } | { reply: 'problem' }>;

/**
 * Asks the agent that runs on a state directory; null if none does. Throws the problem that it answers with, and
 * `unavailable` if it ends before it has answered.
 */
export async function askAgent(
  state: string,
  request: LocalRequest,
  onLog: OnLog,
): Promise<LocalAnswer | null> {
  const connection = await connectAgent(state);
  if (connection === null) return null;
  try {
    return await connection.ask(request, onLog);
  } finally {
    connection.end();
  }
}

/** A connection to the agent. */
export interface AgentConnection {
  /** One request, once. Throws like `askAgent`. */
  ask(request: LocalRequest, onLog: OnLog): Promise<LocalAnswer>;
  /** Resolves when the agent has ended the connection, or nobody can read what it says; for after the answer. */
  ended(): Promise<void>;
  end(): void;
}

/** Null if no agent runs on the state directory. */
export async function connectAgent(state: string): Promise<AgentConnection | null> {
  const socket = await withSocketPath(state, open).catch(notThere);
  if (socket === null) return null;
  const lines = readLines(socket);
  return {
    async ask(request, onLog) {
      writeLine(socket, request);
      return await lastWord(lines, onLog);
    },
    ended: () =>
      lines.next().then(
        () => undefined,
        () => undefined,
      ),
    end: () => void socket.destroy(),
  };
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

function notThere(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return null;
  if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
  throw new JamesError(
    'forbidden',
    "The agent's socket may not be opened; run this as the agent's user, usually root.",
  );
}

async function lastWord(lines: AsyncIterator<unknown>, onLog: OnLog): Promise<LocalAnswer> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done || !isReply(value)) break;
    if (value.reply === 'problem')
      throw new JamesError(isErrorCode(value.code) ? value.code : 'internal', value.detail);
    if (value.reply !== 'log') return value;
    onLog({ source: value.source, lines: value.lines });
  }
  throw new JamesError('unavailable', 'The agent ended before it had answered; look at its log.');
}
