import Type from 'typebox';
import { PacketId, PacketName } from '../../proto/ids.ts';
import { PacketStatus, type ReportedPackages } from '../../proto/reported.ts';
import { type Difference, differences, sayDifference } from '../core/difference.ts';

/** A path that is not as its packet brought it. */
export const WrongPath = Type.Object({
  path: Type.String(),
  difference: Type.Enum([...differences]),
});
export interface WrongPath {
  path: string;
  difference: Difference;
}

/** An installed packet of which something was changed or is missing. */
export const PacketDrift = Type.Object({
  name: PacketName,
  id: PacketId,
  /** `missing`: nothing of it is there. */
  status: Type.Union([Type.Literal('modified'), Type.Literal('missing')]),
  /** How many of its paths are wrong, and the first of them. */
  count: Type.Integer(),
  paths: Type.Array(WrongPath),
});
export interface PacketDrift {
  name: string;
  id: string;
  status: 'modified' | 'missing';
  count: number;
  paths: WrongPath[];
}

/** Everything that is not as it was installed. */
export const Found = Type.Object({
  packets: Type.Array(PacketDrift),
  packages: Type.Array(
    Type.Object({
      name: Type.String(),
      status: PacketStatus,
      error: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});
export interface Found {
  packets: PacketDrift[];
  packages: ReportedPackages['wrong'];
}

/** A report names so many paths of a packet, each cut to so many characters. */
export const MOST_NAMED = 5;
const MOST_CHARACTERS = 300;

/** What is wrong with a packet, for a report: the first paths, and how many more there are. */
export function sayDrift({ status, count, paths }: PacketDrift): string {
  if (status === 'missing') return 'Nothing of it is there any more.';
  const named = paths.slice(0, MOST_NAMED).map((one) => sayDifference(cut(one)));
  const more = count - named.length;
  return `${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`;
}

const cut = ({ path, difference }: WrongPath): WrongPath => ({
  path: path.length > MOST_CHARACTERS ? `${path.slice(0, MOST_CHARACTERS)}…` : path,
  difference,
});
