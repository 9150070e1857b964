import { randomBytes } from 'node:crypto';
import type { NewToken, TokenRequest, TokenView } from '../../proto/api.ts';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Events } from '../events/events.ts';
import type { JoinTokens } from '../registry/join-tokens.ts';
import { hashOfSecret, isSecret, newSecret } from '../registry/secret.ts';
import { keys, prefixes } from '../store/keys.ts';
import { prefixRange, type Store } from '../store/store.ts';
import { readTokenRecord, type TokenRecord, tokenView } from './token-record.ts';

/** The tokens of operators and for joining. */
export interface Tokens extends JoinTokens {
  /** Loads all tokens; everything else is for afterwards. */
  start(): Promise<void>;
  /** What a token's text is, or null if nobody knows it. Throws `token-expired`. */
  verify(text: string): { id: string; kind: TokenRecord['kind'] } | null;
  /** Makes a token; its text is in the answer and nowhere else. */
  create(request: TokenRequest, actor: string): Promise<NewToken>;
  /** All tokens in the order of their ids. */
  list(): Promise<TokenView[]>;
  get(id: string): Promise<TokenView | undefined>;
  /** Revokes a token at once. Throws `not-found`, and `conflict` for the last operator's token. */
  delete(id: string, actor: string): Promise<void>;
  /** True if some operator's token is valid. */
  hasOperator(): boolean;
  /** True if there is a token with this id that has not expired. */
  isLive(id: string): boolean;
  /** Calls `listener` after a token was revoked. Returns the function that ends it. */
  onDelete(listener: () => void): () => void;
  /** Makes `text` the operator's token with this id, in place of another text it may have had. */
  adopt(id: string, text: string, description: string): Promise<void>;
}

export interface TokensOptions {
  store: Store;
  clock: Clock;
  events: Events;
}

/** Tokens, kept in memory by hash for checking and in the store for everything else. */
export function createTokens({ store, clock, events }: TokensOptions): Tokens {
  const byHash = new Map<string, TokenRecord>();
  /** Ids of tokens whose removal is being written. */
  const leaving = new Set<string>();
  const listeners = new Set<() => void>();

  function find(text: string): TokenRecord | undefined {
    const record = byHash.get(hashOfSecret(text));
    return record && isSecret(text, record.hash) ? record : undefined;
  }

  async function write(record: TokenRecord): Promise<void> {
    await store.batch([{ put: keys.token(record.id), value: JSON.stringify(record) }]);
    byHash.set(record.hash, record);
  }

  const isExpired = ({ expiresAt }: TokenRecord): boolean =>
    expiresAt !== null && Date.parse(expiresAt) <= clock.now();
  const byId = (id: string) => [...byHash.values()].find((known) => known.id === id);
  const operators = () =>
    [...byHash.values()].filter(
      (record) => record.kind === 'operator' && !isExpired(record) && !leaving.has(record.id),
    );

  async function remove(record: TokenRecord): Promise<void> {
    leaving.add(record.id);
    try {
      await store.batch([{ delete: keys.token(record.id) }]);
      byHash.delete(record.hash);
    } finally {
      leaving.delete(record.id);
    }
    for (const listener of [...listeners]) listener();
  }

  return {
    async start() {
      for await (const entry of store.range(prefixRange(prefixes.token))) {
        const record = readTokenRecord(entry);
        byHash.set(record.hash, record);
      }
    },
    verify(text) {
      const record = find(text);
      if (!record) return null;
      refuseExpired(record, clock);
      return { id: record.id, kind: record.kind };
    },
    async use(text) {
      const known = find(text);
      const entry = known && (await store.get(keys.token(known.id)));
      if (!entry || known.kind !== 'join') {
        throw new JamesError('unauthenticated', 'Nobody knows this join token; ask for another.');
      }
      const record = readTokenRecord(entry);
      refuseExpired(record, clock);
      const { id, labels, usesLeft } = record;
      const used = { ...record, usesLeft: usesLeft === null ? null : usesLeft - 1 };
      return {
        id,
        labels,
        operations: usesLeft === null ? [] : [{ put: entry.key, value: JSON.stringify(used) }],
        expect: [{ key: entry.key, revision: entry.revision }],
      };
    },
    async create(request, actor) {
      const id = randomBytes(6).toString('hex');
      const token = `jd_${id}_${newSecret()}`;
      const record = newRecord(id, token, request, clock);
      await write(record);
      events.add({ kind: 'token-created', actor, subject: id, detail: record.kind });
      return { ...tokenView(record), token };
    },
    async list() {
      const found: TokenView[] = [];
      for await (const entry of store.range(prefixRange(prefixes.token))) {
        found.push(tokenView(readTokenRecord(entry)));
      }
      return found;
    },
    async get(id) {
      const entry = await store.get(keys.token(id));
      return entry && tokenView(readTokenRecord(entry));
    },
    async delete(id, actor) {
      const record = byId(id);
      if (!record || leaving.has(id)) {
        throw new JamesError('not-found', 'There is no token with this id.');
      }
      const others = operators().filter((other) => other.id !== id);
      if (record.kind === 'operator' && !isExpired(record) && others.length === 0) {
        throw new JamesError('conflict', "This is the last operator's token; make another first.");
      }
      await remove(record);
      events.add({ kind: 'token-deleted', actor, subject: id });
    },
    hasOperator: () => operators().length > 0,
    isLive(id) {
      const record = byId(id);
      return record !== undefined && !isExpired(record);
    },
    onDelete(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async adopt(id, text, description) {
      if (find(text)?.kind === 'operator') return;
      for (const known of byHash.values()) if (known.id === id) byHash.delete(known.hash);
      await write(newRecord(id, text, { kind: 'operator', description }, clock));
    },
  };
}

function newRecord(id: string, text: string, request: TokenRequest, clock: Clock): TokenRecord {
  const now = clock.now();
  const { kind, description = null, labels = {}, uses = null, expiresIn } = request;
  if (kind === 'operator' && (uses !== null || Object.keys(labels).length > 0)) {
    throw new JamesError('bad-request', 'Only a join token has labels and a number of uses.');
  }
  return {
    id,
    kind,
    hash: hashOfSecret(text),
    description,
    labels,
    usesLeft: uses,
    expiresAt: expiresIn === undefined ? null : new Date(now + expiresIn * 1000).toISOString(),
    createdAt: new Date(now).toISOString(),
  };
}

function refuseExpired({ expiresAt, usesLeft }: TokenRecord, clock: Clock): void {
  if (expiresAt !== null && Date.parse(expiresAt) <= clock.now()) {
    throw new JamesError(
      'token-expired',
      `This token was valid until ${expiresAt}; ask for another.`,
    );
  }
  if (usesLeft === 0) {
    throw new JamesError('token-expired', 'This token is used up; ask for another.');
  }
}
