import type { PacketStatus } from '../../../proto/reported.ts';

/** A package that is not as it should be. */
export interface PackageFinding {
  name: string;
  status: PacketStatus;
  error: string | null;
}
