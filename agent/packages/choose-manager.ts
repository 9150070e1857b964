import type { DesiredSource } from '../../proto/desired-source.ts';
import { JamesError } from '../../proto/errors.ts';
import type { PackageType } from '../../proto/package-line.ts';
import { onHost } from '../core/device-path.ts';
import { parseOsRelease } from '../core/os-release.ts';
import type { PackageDriver } from './package-driver.ts';
import {
  createDriver,
  type Manager,
  managers,
  type PackageDriversOptions,
} from './package-drivers.ts';

/** Which package manager may be used: any that is there, a given one, or none. */
export type ManagerChoice = 'auto' | 'off' | Manager;

/** The package managers of a device. */
export interface PackageManagers {
  /** The one for packages of a type. Throws `unsupported` if there is none. */
  forType(type: PackageType): Promise<PackageDriver>;
  /** The one of that name. Throws `unsupported` if it may not be used any more. */
  named(manager: string): Promise<PackageDriver>;
}

/** The type of packages that sources of a kind hold; null for a kind that no package manager here reads. */
export function packageTypeOf(sources: readonly DesiredSource[]): PackageType | null {
  if (sources.some(({ type }) => type === 'apt')) return 'deb';
  return sources.some(({ type }) => type === 'yum') ? 'rpm' : null;
}

export function createPackageManagers(
  choice: ManagerChoice,
  options: PackageDriversOptions,
): PackageManagers {
  const allowed = managers.filter((manager) => choice === 'auto' || choice === manager);
  const drivers = new Map<Manager, PackageDriver>();
  const driverOf = (manager: Manager): PackageDriver => {
    const driver = drivers.get(manager) ?? createDriver(manager, options);
    drivers.set(manager, driver);
    return driver;
  };

  async function forType(type: PackageType): Promise<PackageDriver> {
    const suitable = allowed.map(driverOf).filter((driver) => driver.type === type);
    const there: PackageDriver[] = [];
    let why: unknown = null;
    for (const driver of suitable) {
      const isThere = await driver.available().catch((error: unknown) => {
        why ??= error;
        return false;
      });
      if (isThere) there.push(driver);
    }
    const isSuse = there.length > 1 && (await isOfSuse(options));
    const [first] = isSuse ? there.reverse() : there;
    if (first) return first;
    if (why !== null) throw why;
    throw new JamesError(
      'unsupported',
      `This device has no package manager for packages of type ${type} that the agent may use.`,
    );
  }

  return {
    forType,
    async named(manager) {
      const known = allowed.find((one) => one === manager);
      if (known !== undefined && (await driverOf(known).available())) return driverOf(known);
      throw new JamesError(
        'unsupported',
        `Packages of this device were installed with ${manager}, which is gone or may not be used.`,
      );
    },
  };
}

/** Where both dnf and zypper are there, the distribution decides. */
async function isOfSuse({ files, root }: PackageDriversOptions): Promise<boolean> {
  for (const path of ['/etc/os-release', '/usr/lib/os-release'].map((one) => onHost(root, one))) {
    const text = await files.readFile(path).catch(() => null);
    if (text === null) continue;
    const { ID = '', ID_LIKE = '' } = parseOsRelease(Buffer.from(text).toString('utf8'));
    return /suse|sles/.test(`${ID} ${ID_LIKE}`);
  }
  return false;
}
