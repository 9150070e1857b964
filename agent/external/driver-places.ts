import { dirname, join } from 'node:path';
import { ensureDirectory } from '../state-file.ts';
import type { Files } from '../system/files.ts';
import { removeTree } from '../system/remove-tree.ts';

/** What a driver has below the agent's state directory. */
export interface DriverPlaces {
  /** The directory that is the driver's own; made if it is not there. */
  stateOf(driver: string): Promise<string>;
  /** Where a packet's content lies during a transaction. */
  payloadOf(job: PlacedJob): string;
  hasPayload(job: PlacedJob): Promise<boolean>;
  /** Removes the content of packets of other transactions. */
  removeOthers(job: PlacedJob): Promise<void>;
  removePayload(job: PlacedJob): Promise<void>;
  /** Counts a failed commit durably; gives how many there were. On a full disk it may not be counted. */
  countCommit(job: PlacedJob): Promise<number>;
  forgetCommits(job: PlacedJob): Promise<void>;
}

export interface PlacedJob {
  driver: string;
  transaction: string;
  step: { name: string };
}

export function createDriverPlaces(files: Files, agentState: string): DriverPlaces {
  const placeOf = (driver: string, name: string): string =>
    join(agentState, 'drivers', driver, name);
  const nameOf = ({ transaction, step }: PlacedJob): string => `${transaction}.${step.name}`;
  const payloadOf = (job: PlacedJob): string => join(placeOf(job.driver, 'payload'), nameOf(job));
  const commitsOf = (job: PlacedJob): string => join(placeOf(job.driver, 'commits'), nameOf(job));

  return {
    payloadOf,
    async stateOf(driver) {
      const path = placeOf(driver, 'state');
      await ensureDirectory(files, path, 0o700);
      return path;
    },
    hasPayload: async (job) => (await files.lstat(payloadOf(job))) !== undefined,
    async removeOthers(job) {
      const directory = placeOf(job.driver, 'payload');
      if ((await files.lstat(directory)) === undefined) return;
      for (const name of await files.readDirectory(directory)) {
        if (!name.startsWith(`${job.transaction}.`)) await removeTree(files, join(directory, name));
      }
    },
    removePayload: (job) => removeTree(files, payloadOf(job)),
    async countCommit(job) {
      const path = commitsOf(job);
      await ensureDirectory(files, dirname(path), 0o700);
      await files.append(path, Buffer.from('.'));
      return (await files.lstat(path))?.size ?? 0;
    },
    forgetCommits: (job) => removeTree(files, commitsOf(job)),
  };
}
