import type { Spec } from '../../proto/spec.ts';
import type { SpecEntry } from '../core/model.ts';
import type { PackageView, PackageWorld, SourceEntry } from '../core/package-model.ts';
import type { PlanWorld, SpecPins } from '../core/plan-labelset.ts';
import type { Packets } from '../packets/packets.ts';
import type { Request } from '../resolver/core/resolution.ts';

/** Where the planner finds specs. */
export interface SpecSource {
  all(): Iterable<SpecEntry>;
  /** Calls `listener` after specs changed, durably. */
  onChange(listener: () => void): () => void;
}

/** Finds answers in other threads, so that plans need not wait for one after the other. */
export interface AnswersAhead {
  /** As many questions keep the threads busy. */
  readonly width: number;
  /** The key of a question whose answer is not known yet; null: it is known. */
  open(view: PackageView, request: Request): string | null;
  /** Has the answer to an open question found. Whether it could be, `open` says afterwards; it never rejects. */
  find(view: PackageView, request: Request, key: string): Promise<void>;
}

/** Where the planner finds sources and what they offer. */
export interface PackageSupply {
  /** Source documents as they stand. */
  sources(): Iterable<SourceEntry>;
  /** What planning knows with these sources; by default with those that stand. */
  world(sources?: Iterable<SourceEntry>): PackageWorld;
  /** The label keys that sources look at, in their targets and templates; a key may come several times. */
  keysOf(sources: Iterable<SourceEntry>): Iterable<string>;
  /** Calls `listener` after source documents changed, durably. */
  onDocuments(listener: () => void): () => void;
  /** Calls `listener` with the ids of sources that offer other packages than before. */
  onRefresh(listener: (sources: readonly string[]) => void): () => void;
  /** Finds answers before plans ask for them; null: they are found when they are asked for. */
  readonly ahead: AnswersAhead | null;
}

/** What the locks of specs with `updates: manual` decide. */
export interface LockPins extends SpecPins {
  /** The keys of their labels. */
  keys(): Iterable<string>;
  /** The pins as they will be when specs say something else. */
  pinsAfter(
    changes: ReadonlyMap<string, Spec | null>,
  ): Promise<SpecPins & { keys(): Iterable<string> }>;
}

/** Everything that plans follow from, beside labels. */
export interface PlanInputs {
  specs: Pick<SpecSource, 'all'>;
  packets: Packets;
  supply: PackageSupply;
  locks: LockPins;
}

/** The inputs as they are now, beside the specs. */
export function planWorld(
  { packets, supply, locks }: Omit<PlanInputs, 'specs'>,
  sources?: Iterable<SourceEntry>,
): PlanWorld {
  return { packets, packages: supply.world(sources), locks };
}
