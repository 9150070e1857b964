import { sha256Of } from '../../proto/digest.ts';
import { type Labels, labelsKey } from '../../proto/labels.ts';

const PLAIN = /^[A-Za-z0-9.+~-]+$/;

/**
 * The file name of a packet: `NAME_VERSION_ARCH.jpk`, parts that are missing at the end left out. Whatever that cannot tell
 * apart (further labels, characters that have no place in a file name) adds a digest of name and labels as a fourth part,
 * so that different packets have different names.
 */
export function packetFileName(name: string, labels: Labels): string {
  const { version, arch, ...others } = labels;
  const parts = [version, arch].filter((part) => part !== undefined);
  const isPlain =
    Object.keys(others).length === 0 &&
    !name.includes('_') &&
    parts.every((part) => PLAIN.test(part));
  if (isPlain) {
    const tail = arch === undefined ? version : `${version ?? ''}_${arch}`;
    return `${name}${tail === undefined ? '' : `_${tail}`}.jpk`;
  }
  const digest = sha256Of(`${name} ${labelsKey(labels)}`).slice(
    'sha256:'.length,
    'sha256:'.length + 12,
  );
  return `${[name, safe(version), safe(arch), digest].join('_')}.jpk`;
}

function safe(part = ''): string {
  return part.replace(/[^A-Za-z0-9.+~-]+/g, '-').slice(0, 60);
}
