import type { Labels } from '../../proto/labels.ts';
import type { Expectation, Operation } from '../store/store.ts';

/** What the registry asks of join tokens. */
export interface JoinTokens {
  /**
   * What using the token once means for the store. Nothing is written here: the operations and expectations go into the
   * batch that enrols the device, so a use is counted exactly if the device is enrolled. There are no operations for a
   * token without a limit. Throws `unauthenticated` for an unknown token, `token-expired` for one that is expired or used up.
   */
  use(token: string): Promise<JoinUse>;
}

export interface JoinUse {
  /** The token's id. */
  id: string;
  /** The labels that every device gets that joins with it. */
  labels: Labels;
  operations: readonly Operation[];
  expect: readonly Expectation[];
}
