import type { DeviceRow } from '../../proto/messages.ts';

const MAX_CHIPS = 6;
const quiet = new Set(['installed', 'manual']);

/** What a device says it has, each with its version; a status that is not plain "installed" is written out. */
export function PacketChips({ packets }: { packets: DeviceRow['packets'] }) {
  return (
    <span class="chips">
      {packets.slice(0, MAX_CHIPS).map(({ name, version, status }) => (
        <span key={name} class={quiet.has(status) ? 'chip packet' : 'chip packet tone-bad'}>
          {name} {version && <b>{version}</b>} {status !== 'installed' && <i>{status}</i>}
        </span>
      ))}
      {packets.length > MAX_CHIPS && <span class="more">+{packets.length - MAX_CHIPS}</span>}
    </span>
  );
}
