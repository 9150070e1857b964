import type { PresentPackage } from './present-package.ts';

/** Names of packages that a system is lost without, whatever its database says. */
const KEPT_NAMES =
  /^(apt|dpkg|init|systemd|linux-(image|modules|headers)-.*|grub-.*|raspi-firmware)$/;

/**
 * The packages of dpkg's database (`status`, deb822) that are installed or stuck on the way, with apt's marks
 * (`extended_states`). What was removed with its configuration left is not there. Stanzas without a name, a version or a
 * status are passed over.
 */
export function parseDpkgStatus(status: string, extendedStates: string): PresentPackage[] {
  const auto = autoMarks(extendedStates);
  return stanzasOf(status).flatMap((fields) => {
    const present = presentOf(fields);
    if (!present) return [];
    const native = [`${present.name} ${present.arch}`, `${present.name} all`];
    const isAuto = native.some((key) => auto.has(key)) || isAutoOfAll(present, auto);
    return [{ ...present, auto: isAuto }];
  });
}

type Fields = ReadonlyMap<string, string>;

/** Fields by their names in lower case; a continuation line belongs to the field before it. */
function stanzasOf(text: string): Fields[] {
  return text.split(/\n\n+/).map((stanza) => {
    const fields = new Map<string, string>();
    let last = '';
    for (const line of stanza.split('\n')) {
      if (line.startsWith(' ') || line.startsWith('\t')) {
        if (KEPT_FIELDS.has(last)) fields.set(last, `${fields.get(last)}\n${line}`);
        continue;
      }
      const colon = line.indexOf(':');
      last = line.slice(0, Math.max(0, colon)).toLowerCase();
      if (KEPT_FIELDS.has(last)) fields.set(last, line.slice(colon + 1).trim());
    }
    return fields;
  });
}

const KEPT_FIELDS: ReadonlySet<string> = new Set([
  'package',
  'status',
  'version',
  'architecture',
  'essential',
  'protected',
  'important',
  'priority',
  'installed-size',
  'depends',
  'pre-depends',
  'provides',
  'auto-installed',
]);

function presentOf(fields: Fields): PresentPackage | null {
  const [name, version] = [fields.get('package'), fields.get('version')];
  const [want = '', error = '', state = ''] = (fields.get('status') ?? '').split(/\s+/);
  if (!name || !version || state === 'not-installed' || state === 'config-files' || state === '')
    return null;
  const needs = `${fields.get('depends') ?? ''},${fields.get('pre-depends') ?? ''}`;
  return {
    name,
    version,
    arch: fields.get('architecture') ?? 'all',
    auto: false,
    ...(want === 'hold' && { hold: true }),
    protected: isProtected(name, fields),
    broken:
      error !== 'ok' || !['installed', 'triggers-pending', 'triggers-awaited'].includes(state),
    installedBytes: Number(fields.get('installed-size') ?? 0) * 1024 || 0,
    needs: relationNames(needs),
    provides: relationNames(fields.get('provides') ?? ''),
  };
}

function isProtected(name: string, fields: Fields): boolean {
  return (
    ['essential', 'protected', 'important'].some((field) => fields.get(field) === 'yes') ||
    fields.get('priority') === 'required' ||
    KEPT_NAMES.test(name)
  );
}

/** The names in a relation field (Debian policy 7.1), without versions and architectures. */
function relationNames(text: string): string[] {
  const names = text.split(/[,|]/).map((part) => /^\s*([^\s(:]+)/.exec(part)?.[1] ?? '');
  return [...new Set(names.filter((name) => name !== ''))];
}

/** `name arch` of the packages that were installed as prerequisites. */
function autoMarks(extendedStates: string): ReadonlySet<string> {
  return new Set(
    stanzasOf(extendedStates)
      .filter((fields) => fields.get('auto-installed') === '1')
      .map((fields) => `${fields.get('package')} ${fields.get('architecture') ?? 'all'}`),
  );
}

/** apt marks a package for all architectures under the machine's own, whatever that is called. */
function isAutoOfAll({ name, arch }: PresentPackage, auto: ReadonlySet<string>): boolean {
  return arch === 'all' && [...auto].some((key) => key.startsWith(`${name} `));
}
