import type { ExitStatus } from './exit-status.ts';
import type { View } from './print/view.ts';

/** What a command hands back: data for programs, a view of it for people. */
export interface Result {
  /** Printed with `-o json` and `-o yaml`. Lists are arrays. */
  data: unknown;
  view: View;
  /** Printed with `-o name`, one per line; without them the view is printed. */
  names?: readonly string[];
  /** Printed with `-o yaml` instead of the data: documents that can be edited and applied again. */
  documents?: readonly unknown[];
  /** 0 if left out. */
  status?: ExitStatus;
  /** Sentences for a person at a terminal (stderr): what was done, what to do next. */
  notes?: readonly string[];
}
