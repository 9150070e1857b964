import type { PresentPackage } from './present-package.ts';

/**
 * The format for `rpm -qa --qf`: a line for each package, then a line for each name that it needs and provides. Epoch is
 * `(none)` where there is none.
 */
export const RPM_QUERY =
  'P\\t%{NAME}\\t%{EPOCH}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SIZE}\\n[N\\t%{REQUIRENAME}\\n][V\\t%{PROVIDENAME}\\n]';

/** Names of packages that a system is lost without. */
const KEPT_NAMES =
  /^(rpm|glibc|bash|systemd|setup|filesystem|dnf|dnf5|yum|zypper|libzypp|kernel(-.*)?|grub2.*|shim.*|shadow-utils|sudo|(redhat|fedora|centos|rocky|almalinux|openSUSE)-release.*)$/;

/**
 * The packages that rpm has, from the output of a query with `RPM_QUERY`. Public keys, which rpm keeps as packages, are
 * left out.
 */
export function parseRpmQuery(text: string): PresentPackage[] {
  const packages: (PresentPackage & { needs: string[]; provides: string[] })[] = [];
  let current: (typeof packages)[number] | null = null;
  for (const line of text.split('\n')) {
    const [what, first = '', ...rest] = line.split('\t');
    if (what === 'P') {
      current = presentOf(first, rest);
      if (current) packages.push(current);
    } else if (what === 'N' && !first.startsWith('rpmlib(')) {
      current?.needs.push(...namesOf(first));
    } else if (what === 'V' && first !== current?.name) {
      current?.provides.push(first);
    }
  }
  return packages;
}

function presentOf(
  name: string,
  [epoch = '', evr = '', arch = '', size = '']: readonly string[],
): (PresentPackage & { needs: string[]; provides: string[] }) | null {
  if (name === '' || name === 'gpg-pubkey') return null;
  return {
    name,
    version: /^[1-9]/.test(epoch) ? `${epoch}:${evr}` : evr,
    arch: arch === '(none)' ? 'noarch' : arch,
    auto: false,
    protected: KEPT_NAMES.test(name),
    broken: false,
    installedBytes: Number(size) || 0,
    needs: [],
    provides: [],
  };
}

/** The names in a rich dependency, or the one name. */
function namesOf(requirement: string): string[] {
  if (!requirement.startsWith('(')) return [requirement];
  return requirement
    .replace(/^\(|\)$/g, '')
    .split(/\s+/)
    .map((word) => word.replace(/^\(+/, ''))
    .filter(
      (word) => /^[A-Za-z/]/.test(word) && !/^(and|or|if|else|unless|with|without)$/.test(word),
    );
}
