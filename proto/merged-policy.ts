/** A field of the policy of devices, merged from the specs that apply. */
export interface MergedField {
  field: string;
  /** What holds. */
  value: unknown;
  /** The specs that say it, of the highest priority that any says it with. */
  specs: string[];
  priority: number;
  /** They contradict each other: the value is the careful one. */
  conflict: boolean;
}

/** A field that changes; null: nothing is said of it. */
export interface PolicyChange {
  field: string;
  from: unknown;
  to: unknown;
}
