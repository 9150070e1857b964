import type { PlanProblem } from '../../proto/api.ts';
import { type Labels, reduceLabels } from '../../proto/labels.ts';
import type { Selector } from '../../proto/selector.ts';
import type { DeviceEntry } from '../registry/devices.ts';
import type { ChosenPackages } from './chosen-packages.ts';
import type { Outcome } from './core/body.ts';
import { LabelIndex } from './core/label-index.ts';
import type { StoredPoint } from './core/point.ts';
import { ownLabelsMark } from './own-labels.ts';
import type { Slices } from './slices.ts';

/** Devices whose labels are equal as far as any document mentions them; they share one plan. */
export interface Labelset {
  readonly key: string;
  readonly labels: Labels;
  readonly members: Set<Member>;
  /** Null until it is planned for the first time. */
  outcome: Outcome | null;
  problems: readonly PlanProblem[];
  /** Null: nobody asks for packages. */
  packages: LabelsetPackages | null;
  /** What was planned no longer follows from specs and packets. */
  stale: boolean;
}

/** What the packages of a labelset came from. */
export interface LabelsetPackages {
  /** Ids of the sources that apply. */
  sources: readonly string[];
  /** Some package cannot be served. */
  unserved: boolean;
  /** For the locks of specs that take updates by themselves. */
  chosen: ChosenPackages;
  /** What specs chose earlier and devices keep, as some package cannot be served. */
  kept: ChosenPackages;
}

/** A device as the planner sees it. */
export interface Member {
  readonly id: string;
  labelset: Labelset;
  /** Changes when the labels that the device itself gives change. */
  own: string;
  point: StoredPoint | null;
}

/** All devices by labelset. What is here can be rebuilt from the store. */
export class Fleet {
  #keys: readonly string[] = [];
  #keySet: ReadonlySet<string> = new Set();
  #labelsets = new Map<string, Labelset>();
  #index = new LabelIndex<Labelset>();
  readonly #members = new Map<string, Member>();

  /** The label keys to which labelsets are reduced. */
  get keys(): ReadonlySet<string> {
    return this.#keySet;
  }

  get size(): number {
    return this.#members.size;
  }

  labelsets(): Iterable<Labelset> {
    return this.#labelsets.values();
  }

  members(): Iterable<Member> {
    return this.#members.values();
  }

  member(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** The labelsets that a selector accepts; keys that labelsets do not have count as absent. */
  matching(selector: Selector): Labelset[] {
    return this.#index.matching(selector);
  }

  /** Puts a device where its present labels belong. */
  place(entry: DeviceEntry): Member {
    const labelset = this.#labelsetOf(entry.labels);
    const own = ownLabelsMark(entry);
    const known = this.#members.get(entry.id);
    if (!known) {
      const member: Member = { id: entry.id, labelset, own, point: null };
      this.#members.set(entry.id, member);
      labelset.members.add(member);
      return member;
    }
    known.own = own;
    if (known.labelset !== labelset) this.#move(known, labelset);
    return known;
  }

  remove(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    this.#leave(member);
  }

  /**
   * Reduces all devices to other keys. A labelset whose devices all come from labelsets that are not stale takes over
   * their plan: the keys that came or went make no difference to it. Until the returned promise resolves, everybody sees
   * the former labelsets.
   */
  async regroup(
    keys: ReadonlySet<string>,
    labelsOf: (id: string) => Labels | undefined,
    slices: Slices,
  ): Promise<void> {
    const next = new Fleet();
    next.#setKeys(keys);
    const moves: [Member, Labelset][] = [];
    for (const member of [...this.#members.values()]) {
      if (slices.due()) await slices.rest();
      const labels = labelsOf(member.id) ?? member.labelset.labels;
      const unmoved = this.#keyOf(labels) === member.labelset.key;
      moves.push([member, next.#adopt(member, labels, unmoved)]);
    }
    for (const [member, labelset] of moves) member.labelset = labelset;
    this.#setKeys(keys);
    this.#labelsets = next.#labelsets;
    this.#index = next.#index;
  }

  /** `unmoved`: the plan of the member's former labelset was made for these labels. */
  #adopt(member: Member, labels: Labels, unmoved: boolean): Labelset {
    const from = member.labelset;
    const planned = unmoved && !from.stale && from.outcome !== null;
    const labelset = this.#labelsetOf(labels);
    if (labelset.members.size === 0 && planned) {
      labelset.outcome = from.outcome;
      labelset.problems = from.problems;
      labelset.packages = from.packages;
      labelset.stale = false;
    } else if (!planned) labelset.stale = true;
    labelset.members.add(member);
    return labelset;
  }

  #setKeys(keys: ReadonlySet<string>): void {
    this.#keySet = keys;
    this.#keys = [...keys].sort();
  }

  #labelsetOf(labels: Labels): Labelset {
    const key = this.#keyOf(labels);
    const known = this.#labelsets.get(key);
    if (known) return known;
    const labelset: Labelset = {
      key,
      labels: reduceLabels(labels, this.#keySet),
      members: new Set(),
      outcome: null,
      problems: [],
      packages: null,
      stale: true,
    };
    this.#labelsets.set(key, labelset);
    this.#index.add(labelset);
    return labelset;
  }

  /** Equal exactly if the reduced labels are. Values hold no control characters, so lines cannot run together. */
  #keyOf(labels: Labels): string {
    let text = '';
    for (let index = 0; index < this.#keys.length; index += 1) {
      const key = this.#keys[index] as string;
      if (Object.hasOwn(labels, key)) text += `${index}=${labels[key]}\n`;
    }
    return text;
  }

  #move(member: Member, labelset: Labelset): void {
    this.#leave(member);
    member.labelset = labelset;
    labelset.members.add(member);
  }

  #leave(member: Member): void {
    const { labelset } = member;
    labelset.members.delete(member);
    if (labelset.members.size > 0 || this.#labelsets.get(labelset.key) !== labelset) return;
    this.#labelsets.delete(labelset.key);
    this.#index.delete(labelset);
  }
}
