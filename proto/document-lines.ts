import {
  checkLabels,
  documentFault,
  isRecord,
  type Locate,
  requireShape,
} from './document-fault.ts';
import { JamesError } from './errors.ts';
import type { Labels } from './labels.ts';
import { type PackageLine, PackageName, PackageWish, packageWish } from './package-line.ts';
import { parseRange } from './version-range.ts';

/** An app of a spec or a prerequisite of a packet: its labels, its range, and that it does not say the version twice. */
export function checkLine(
  line: { labels?: Labels; version?: string },
  pointer: string,
  locate: Locate,
): void {
  checkLabels(line.labels, `${pointer}/labels`, locate);
  if (line.version === undefined) return;
  if (line.labels && Object.hasOwn(line.labels, 'version')) {
    const sentence = 'give a version range or a version label, not both';
    throw documentFault('bad-document', sentence, `${pointer}/version`, locate);
  }
  checkRange(line.version, `${pointer}/version`, locate);
}

/**
 * The shape of the `packages` of a value, line by line, so that a fault names the key that is wrong and not the two forms
 * of a line. Throws `bad-document` and `unknown-key`; what is no list is left to the schema of the whole.
 */
export function requirePackageShapes(value: unknown, what: string, locate: Locate): void {
  if (!isRecord(value) || !Array.isArray(value.packages)) return;
  for (const [index, line] of value.packages.entries()) {
    const schema = isRecord(line) ? PackageWish : PackageName;
    requireShape(
      schema,
      line,
      `${what}, line ${index + 1} of its packages`,
      locate,
      `/packages/${index}`,
    );
  }
}

/**
 * Lines that name packages, at the pointer of their list: versions are those of package managers, groups are not asked
 * of apt, and no two lines are about the same package. Throws `bad-document` and `bad-version-range`.
 */
export function checkPackageLines(
  lines: readonly PackageLine[],
  pointer: string,
  locate: Locate,
): void {
  const earlier = new Map<string, PackageWish[]>();
  for (const [index, line] of lines.entries()) {
    const at = `${pointer}/${index}`;
    const wish = packageWish(line);
    checkVersion(wish, at, locate);
    if (wish.name.startsWith('@') && wish.type === 'deb') {
      const sentence = `"${wish.name}" is a group, and deb packages have none`;
      throw documentFault('bad-document', sentence, `${at}/name`, locate);
    }
    const namesakes = earlier.get(wish.name) ?? [];
    if (namesakes.some((other) => overlap(other, wish))) {
      const sentence = `the package ${wish.name} stands twice; give it one line, or one for each type or architecture`;
      throw documentFault('bad-document', sentence, at, locate);
    }
    earlier.set(wish.name, [...namesakes, wish]);
  }
}

/** True if both lines say something of the same package of the same devices. */
function overlap(one: PackageWish, other: PackageWish): boolean {
  const sameType = one.type === other.type || one.type === undefined || other.type === undefined;
  return sameType && one.arch === other.arch;
}

/** What versions of deb (Debian policy 5.6.12) and rpm are made of, and the operators and stars of a range. */
const VERSION_CHARACTERS = /^[A-Za-z0-9.+~^:_<>=* -]+$/;

function checkVersion({ name, version }: PackageWish, pointer: string, locate: Locate): void {
  if (version === undefined) return;
  const at = `${pointer}/version`;
  if (!VERSION_CHARACTERS.test(version)) {
    const sentence = `the version of ${name} has a character that no version has; write it as "1.22.1-9", "1.22.*" or ">=1.22 <2"`;
    throw documentFault('bad-version-range', sentence, at, locate);
  }
  if (name.startsWith('@'))
    throw documentFault('bad-document', `the group "${name}" has no version`, at, locate);
  checkRange(version, at, locate);
}

function checkRange(version: string, pointer: string, locate: Locate): void {
  try {
    parseRange(version);
  } catch (cause) {
    if (!(cause instanceof JamesError)) throw cause;
    throw documentFault(cause.code, cause.message.replace(/\.$/, ''), pointer, locate);
  }
}
