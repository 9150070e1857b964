import type { DesiredBody, WantedPacket } from '../proto/desired.ts';
import type { DownloadPolicy } from '../proto/device-policy.ts';
import type { LogLines, Progress } from '../proto/messages.ts';
import type { Phase, ReportedPackages, ReportedPacket } from '../proto/reported.ts';

/** Brings the device to a desired state, or leaves it as it was. One at a time. */
export interface Transactions {
  /**
   * After a start: reads the journal and finishes or undoes what a crash left. Must have resolved before `converge`. What
   * waits for a restart is `restarting` still; what has restarted is `unchecked`.
   */
  recover(): Promise<Recovered | null>;
  /** Goes on with what is `unchecked`: asks how the device is, then commits or undoes. */
  conclude(reporter: Reporter): Promise<Outcome>;
  /** Takes back what waits for a restart that does not come. */
  giveUpRestart(reporter: Reporter): Promise<Outcome>;
  /**
   * Plans the steps from what is installed to what `target` wants, downloads and verifies everything, journals, applies,
   * commits. Where the target's policy is to repair, what was found changed of its packets is put back with it. Never throws for what can go wrong on a device: that is an outcome. An aborted signal stops it before the
   * point of no return; after that it runs to its end.
   */
  converge(target: Target, reporter: Reporter, signal: AbortSignal): Promise<Outcome>;
  /**
   * Only downloads and verifies everything that `converge` of the same target will need. Nothing stays changed; then it is
   * `superseded` or `failed`, or `downloaded`.
   */
  download(target: Target, reporter: Reporter, signal: AbortSignal): Promise<Outcome>;
  /**
   * Looks at packets and packages again for what changed since they were installed; `installed` tells it from then on.
   * A wish that is new reads the content of all files of packets, otherwise that goes by turns. Rejects with the signal's
   * reason, and for nothing else. True if packages that could not be installed can be now: the same target is worth another `converge`.
   */
  look(wish?: LookWish): Promise<boolean>;
  /** What is installed, with its status as the last look found it. */
  installed(): Promise<InstalledState>;
}

/** How to look: `check` is the wish of the desired document, which counts once. */
export interface LookWish {
  check?: string | null;
  signal?: AbortSignal;
}

/** The part of a desired document that is to be brought about. */
export interface Target extends Readonly<DesiredBody> {
  epoch: string;
  revision: number;
  digest: string;
}

export interface Reporter {
  phase(phase: Phase, reason: string | null): void;
  progress(progress: Omit<Progress, 'schema'>): void;
  log(lines: Omit<LogLines, 'schema'>): void;
}

/** How what a crash left has ended, or stands; and the desired state that it was about. */
export interface Recovered {
  outcome: Outcome;
  point: InstalledState['point'];
}

export type Outcome =
  /** `rebootPending`: what was installed asks for a reboot, and the policy leaves that to a person. */
  | { kind: 'converged'; rebootPending?: true }
  /** Everything is on the device; nothing was changed. */
  | { kind: 'downloaded' }
  /** All is applied; the machine or the agent was asked to restart, and goes on then. */
  | { kind: 'restarting'; of: 'machine' | 'agent' }
  /** All is applied and restarted; `conclude` decides. */
  | { kind: 'unchecked' }
  /** A newer desired state came before the point of no return; nothing was changed. */
  | { kind: 'superseded' }
  /**
   * Nothing was changed, or all was undone (`undone`); which of them, the phases tell: without `applying` nothing was
   * changed. `failures` says which packets are to blame.
   */
  | {
      kind: 'failed';
      undone: boolean;
      code: string;
      reason: string;
      retryable: boolean;
      failures: ReportedPacket[];
    };

export interface InstalledState {
  /** The desired state that was last brought about in whole, or null. */
  point: { epoch: string; revision: number; digest: string } | null;
  packets: ReportedPacket[];
  /** Null where jamesd has nothing to do with the device's package manager. */
  packages: ReportedPackages | null;
}

/** Fetches the content of packets; the transaction asks for all before it touches anything. */
export interface Downloads {
  /**
   * The path of the packet's `.jpk`, complete and of the right digest, from the server or the policy's mirrors. Resumes
   * what was begun, also by an earlier process. Throws JamesError (`download-failed`, `digest-mismatch`, `not-found`, `no-space`) or the signal's reason.
   */
  fetch(
    packet: WantedPacket,
    onBytes: (done: number, total: number) => void,
    signal: AbortSignal,
    policy?: DownloadPolicy,
  ): Promise<string>;
  /** Drops content that is neither in `keep` nor under way. */
  retain(keep: ReadonlySet<string>): Promise<void>;
}
