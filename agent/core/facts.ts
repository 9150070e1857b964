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

/** Words of `os` and `os.like` → the package managers of such a system, before any others that are there. */
const OWN_MANAGERS: readonly (readonly [system: RegExp, words: readonly string[]])[] = [
  [/suse|\bsles?\b/, ['zypper']],
  [/\b(debian|ubuntu|nexenta|raspbian|devuan|linuxmint)\b/, ['apt']],
  [/\b(redhat|rhel|centos|fedora|rocky|almalinux|ol|amzn)\b/, ['rpm-ostree', 'dnf', 'yum']],
];

/** What the agent's configuration says about the machine, which goes before what is found. */
export interface ConfiguredFacts {
  /** The package manager that the agent may use, `auto` or `off`. */
  packages: string;
  labels: Labels;
}

/**
 * The facts of a machine as labels; what was not found, or cannot stand in a label, is left out. `packages` is the
 * manager that the agent is told to use, else the system's own, else the first that is there; `drivers` are the names of
 * the drivers for packets that are no files.
 */
export function factsOf(
  readings: Readings,
  configured?: ConfiguredFacts,
  drivers: readonly string[] = [],
): Labels {
  const release = parseOsRelease(readings.osRelease);
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
    packages: packageManagerOf(readings, release, configured),
    drivers: drivers.join(','),
  };
  return Object.fromEntries(
    Object.entries(found).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && entry[1] !== '' && labelProblem(entry[0], entry[1]) === null,
    ),
  );
}

function packageManagerOf(
  { programs }: Readings,
  release: Readonly<Record<string, string>>,
  { packages = 'auto', labels = {} }: Partial<ConfiguredFacts> = {},
): string | undefined {
  if (packages !== 'auto' && packages !== 'off') return packages;
  const there = PACKAGE_MANAGERS.filter(([program]) => programs.includes(program));
  const found = there.map(([, word]) => word);
  const system = labels.os ?? release.ID ?? '';
  const like = labels['os.like'] ?? (labels.os === undefined ? release.ID_LIKE : undefined) ?? '';
  const [, own = []] =
    OWN_MANAGERS.find(([words]) => words.test(system)) ??
    OWN_MANAGERS.find(([words]) => words.test(like)) ??
    [];
  return own.find((word) => found.includes(word)) ?? found[0];
}
