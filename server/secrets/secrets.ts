import type { Clock } from '../../proto/clock.ts';
import type { Credentials, SecretView } from '../../proto/secret.ts';
import { keys, lastPart, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';

/**
 * Users and passwords of sources, by name. They are in the store and in memory, and leave the server for devices whose
 * desired state names them: never for people, events, logs or errors.
 */
export interface Secrets {
  start(): Promise<void>;
  /** Sorted by name. */
  list(): SecretView[];
  get(name: string): Credentials | undefined;
  put(credentials: ReadonlyMap<string, Credentials>): Promise<void>;
  /** False if there is none. */
  delete(name: string): Promise<boolean>;
  /** Puts some and deletes others as part of another's batch; `take` when that is durable. */
  prepare(
    credentials: ReadonlyMap<string, Credentials>,
    abandoned?: readonly string[],
  ): {
    operations: Operation[];
    take(): void;
  };
}

interface Kept extends Credentials {
  updatedAt: string;
}

export function createSecrets({ store, clock }: { store: Store; clock: Clock }): Secrets {
  const current = new Map<string, Kept>();

  const prepare: Secrets['prepare'] = (credentials, abandoned = []) => {
    const updatedAt = new Date(clock.now()).toISOString();
    const kept = [...credentials].map(
      ([name, { username, password }]) => [name, { username, password, updatedAt }] as const,
    );
    return {
      operations: [
        ...kept.map(([name, value]) => ({ put: keys.secret(name), value: JSON.stringify(value) })),
        ...abandoned.map((name) => ({ delete: keys.secret(name) })),
      ],
      take() {
        for (const [name, value] of kept) current.set(name, value);
        for (const name of abandoned) current.delete(name);
      },
    };
  };

  return {
    async start() {
      for await (const { key, value } of store.range(prefixRange(prefixes.secret)))
        current.set(lastPart(key), JSON.parse(value) as Kept);
    },
    list: () =>
      [...current]
        .map(([name, { updatedAt }]) => ({ name, updatedAt }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    get(name) {
      const kept = current.get(name);
      return kept && { username: kept.username, password: kept.password };
    },
    prepare,
    async put(credentials) {
      const { operations, take } = prepare(credentials);
      await store.batch(operations);
      take();
    },
    async delete(name) {
      if (!current.has(name)) return false;
      await store.batch([{ delete: keys.secret(name) }]);
      return current.delete(name);
    },
  };
}
