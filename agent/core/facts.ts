import { type Labels, labelProblem } from '../../proto/labels.ts';
import { type ArchitectureReadings, architectureOf, foreignArchitectures } from './architecture.ts';
import { parseOsRelease } from './os-release.ts';

/** What was read on a machine; texts are empty where there was nothing to read. */
export interface Readings {
  osRelease: string;
  architecture: ArchitectureReadings;
  libc: { family: 'glibc' | 'musl' | null; version: string };
  kernel: string;
  hostname: string;
  /** Programs of package managers that are there. */
  programs: readonly string[];
}

/** Program → the word for the package manager; the first that is there counts, so wrappers stand before what they wrap. */
export const PACKAGE_MANAGERS: readonly (readonly [program: string, word: string])[] = [
  ['rpm-ostree', 'rpm-ostree'],
  ['zypper', 'zypper'],
  ['dnf5', 'dnf'],
  ['dnf', 'dnf'],
  ['microdnf', 'dnf'],
  ['yum', 'yum'],
  ['apt-get', 'apt'],
  ['apk', 'apk'],
  ['opkg', 'opkg'],
  ['pacman', 'pacman'],
  ['emerge', 'portage'],
  ['xbps-install', 'xbps'],
];

/** The facts of a machine as labels; what was not found, or cannot stand in a label, is left out. */
export function factsOf(readings: Readings): Labels {
  const release = parseOsRelease(readings.osRelease);
  const manager = PACKAGE_MANAGERS.find(([program]) => readings.programs.includes(program));
  const found: Record<string, string | undefined> = {
    os: release.ID,
    'os.like': release.ID_LIKE,
    'os.version': release.VERSION_ID,
    'os.codename': release.VERSION_CODENAME,
    arch: architectureOf(readings.architecture),
    'arch.foreign': foreignArchitectures(readings.architecture).join(','),
    libc: readings.libc.family ?? undefined,
    'libc.version': readings.libc.version,
    kernel: readings.kernel,
    hostname: readings.hostname,
    packages: manager?.[1],
  };
  return Object.fromEntries(
    Object.entries(found).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && entry[1] !== '' && labelProblem(entry[0], entry[1]) === null,
    ),
  );
}
