import type { Labels } from '../../../proto/labels.ts';
import { demandedValues, matches, type Selector } from '../../../proto/selector.ts';

/** Things that have labels, found by selector without looking at all of them. */
export class LabelIndex<Item extends { readonly labels: Labels }> {
  readonly #all = new Set<Item>();
  readonly #byLabel = new Map<string, Map<string, Set<Item>>>();

  /** Adds an item; its labels must stay as they are. */
  add(item: Item): void {
    this.#all.add(item);
    for (const [key, value] of Object.entries(item.labels)) this.#bucket(key, value).add(item);
  }

  delete(item: Item): void {
    this.#all.delete(item);
    for (const [key, value] of Object.entries(item.labels)) {
      const values = this.#byLabel.get(key);
      const bucket = values?.get(value);
      bucket?.delete(item);
      if (bucket?.size === 0) values?.delete(value);
      if (values?.size === 0) this.#byLabel.delete(key);
    }
  }

  /** The items that the selector accepts. */
  matching(selector: Selector): Item[] {
    const found: Item[] = [];
    for (const bucket of this.#narrowest(selector)) {
      for (const item of bucket) if (matches(selector, item.labels)) found.push(item);
    }
    return found;
  }

  #bucket(key: string, value: string): Set<Item> {
    const values = this.#byLabel.get(key) ?? new Map<string, Set<Item>>();
    this.#byLabel.set(key, values);
    const bucket = values.get(value) ?? new Set<Item>();
    values.set(value, bucket);
    return bucket;
  }

  /** Disjoint sets that hold every item the selector can accept: those of its most selective demanded label. */
  #narrowest(selector: Selector): ReadonlySet<Item>[] {
    let best: ReadonlySet<Item>[] = [this.#all];
    let size = this.#all.size;
    for (const [key, condition] of Object.entries(selector)) {
      const values = demandedValues(condition);
      if (!values) continue;
      const buckets = [...new Set(values)].flatMap(
        (value) => this.#byLabel.get(key)?.get(value) ?? [],
      );
      const total = buckets.reduce((sum, bucket) => sum + bucket.size, 0);
      if (total < size) {
        best = buckets;
        size = total;
      }
    }
    return best;
  }
}
