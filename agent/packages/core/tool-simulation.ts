/** A change of one package that a package manager says it would make. */
export interface ToolChange {
  kind: 'install' | 'upgrade' | 'downgrade' | 'reinstall' | 'remove';
  name: string;
  /** Null where the package manager does not say it. */
  arch: string | null;
  from: string | null;
  to: string | null;
}

/** What a package manager says it would do. */
export interface ToolSimulation {
  changes: ToolChange[];
  downloadBytes: number;
  /** More on the file system afterwards; may be negative. */
  diskBytes: number;
}

/** What a package manager answers to a request: what it would do, or in its own words why it cannot. */
export type ToolAnswer =
  | { kind: 'would'; simulation: ToolSimulation }
  | {
      kind: 'cannot';
      lines: string[];
      /** Words of the request that it knows no package for, each with the sentence that says so; none if not given. */
      unfound?: ReadonlyMap<string, string>;
    };
