import { sha256Of } from '../../proto/digest.ts';

/**
 * The id of a device that was given none: `m-` and 16 hexadecimal digits. The machine id itself is not to be known to
 * others (machine-id(5)), so it is hashed together with a word of this program. Null if `machineId` is none.
 */
export function deviceIdOf(machineId: string): string | null {
  const text = machineId.trim().toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(text) || /^0+$/.test(text)) return null;
  return `m-${sha256Of(`jamesd.device/1:${text}`).slice('sha256:'.length, 'sha256:'.length + 16)}`;
}
