/** What the machine says of its architecture. */
export interface ArchitectureReadings {
  /** Of this program, in Node's words (`x64`, `arm`, …): that is the userland's. */
  program: string;
  littleEndian: boolean;
  /** `uname -m`: the kernel's. */
  kernel: string;
  /** `/proc/cpuinfo`, for the version of a 32-bit ARM; empty if it cannot be read. */
  cpuinfo: string;
  /** `/var/lib/dpkg/arch`: the native architecture and the foreign ones, in dpkg's words; empty without dpkg. */
  dpkg: string;
}

/** Node's words for what does not depend on more. */
const PROGRAM_WORDS: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: 'i386',
  arm64: 'arm64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
};

/** The kernel's words; several have one meaning. */
const KERNEL_WORDS: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  i386: 'i386',
  i486: 'i386',
  i586: 'i386',
  i686: 'i386',
  aarch64: 'arm64',
  armv6l: 'armv6l',
  armv7l: 'armv7l',
  armv8l: 'armv7l',
  ppc64le: 'ppc64el',
  loongarch64: 'loong64',
};

/** dpkg's words where the house has another. */
const DPKG_WORDS: Readonly<Record<string, string>> = { armhf: 'armv7l' };

/** The architecture that programs on this machine must have. */
export function architectureOf(readings: ArchitectureReadings): string {
  const { program, littleEndian, kernel } = readings;
  if (program === 'arm') return armVersion(readings);
  if (program === 'ppc64') return littleEndian ? 'ppc64el' : 'ppc64';
  return PROGRAM_WORDS[program] ?? KERNEL_WORDS[kernel] ?? kernel;
}

/** Further architectures: the kernel's if it is another than the userland's, and those that dpkg takes packages of. */
export function foreignArchitectures(readings: ArchitectureReadings): string[] {
  const own = architectureOf(readings);
  const { kernel } = readings;
  const foreign = readings.dpkg.split(/\s+/).slice(1).filter(Boolean);
  const words = [
    KERNEL_WORDS[kernel] ?? kernel,
    ...foreign.map((word) => DPKG_WORDS[word] ?? word),
  ];
  return [...new Set(words)].filter((word) => word !== own).sort();
}

/**
 * `armv6l` or `armv7l`. The kernel's word says it, unless the kernel is a 64-bit one: such a CPU runs ARMv7. An ARMv6 may
 * call itself "CPU architecture: 7", so the model's name counts before that.
 */
function armVersion({ kernel, cpuinfo }: ArchitectureReadings): string {
  if (kernel === 'aarch64') return 'armv7l';
  if (/ARMv6|\(v6l\)/.test(cpuinfo)) return 'armv6l';
  if (KERNEL_WORDS[kernel] !== undefined) return KERNEL_WORDS[kernel];
  return kernel.startsWith('armv') ? kernel : 'armv7l';
}
