import { createHash } from 'node:crypto';
import type { Agent } from './agent-connection.ts';

/** The secret of an agent of the bench: 256 bits, as the server would give, but known to both sides. */
export const secretOf = (id: string): string =>
  createHash('sha256').update(`bench ${id}`).digest('base64url');

/** `count` agents, `agent-0` and so on. */
export const agentsOf = (count: number): Agent[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `agent-${at}`,
    secret: secretOf(`agent-${at}`),
  }));
