import { silentLog } from '../../proto/log.ts';
import { openLevelStore } from '../../server/store/level-store.ts';

/**
 * A process that writes to the store in the directory of its first argument until it is killed: `workers` counters, each
 * written with an expectation of its last revision, and prints `COUNTER VALUE` after each acknowledgement.
 */
const [, , directory = '', workers = '8'] = process.argv;
const store = await openLevelStore({ directory, log: silentLog });

async function work(worker: number): Promise<never> {
  const key = `counter/${worker}`;
  const entry = await store.get(key);
  let value = Number(entry?.value ?? 0);
  let revision = entry?.revision ?? 0;
  for (;;) {
    value += 1;
    const operations = [
      { put: key, value: String(value) },
      { put: `twin/${worker}`, value: String(value) },
    ];
    revision = await store.batch(operations, [{ key, revision }]);
    process.stdout.write(`${worker} ${value}\n`);
  }
}

await Promise.all(Array.from({ length: Number(workers) }, (_, worker) => work(worker)));
