import { memo } from 'preact/compat';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { DeviceRow } from '../../proto/messages.ts';
import { MAX_ROWS, sortedRows, type Table } from './fleet-state.ts';
import { PacketChips } from './packet-chips.tsx';
import { labelChips, noteOf, stateOf } from './words.ts';

interface Props {
  table: Table;
  loading: boolean;
  failure: string | null;
  filtered: boolean;
  selected: string | null;
  onSelect(device: string): void;
}

/** The devices; a row moves when a message about it arrives. */
export function DeviceTable({ table, loading, failure, filtered, selected, onSelect }: Props) {
  const rows = useMemo(() => sortedRows(table), [table]);
  return (
    <section class="devices" aria-labelledby="devices-heading" aria-busy={loading}>
      <h2 id="devices-heading">
        Devices <small>{countWords(rows.length, table.more)}</small>
      </h2>
      {failure && (
        <p class="fault" role="alert">
          {failure}
        </p>
      )}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col">State</th>
              <th scope="col">Packets</th>
              <th scope="col">Labels</th>
              <th scope="col" class="number">
                Revision
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} selected={row.id === selected} onSelect={onSelect} />
            ))}
          </tbody>
        </table>
      )}
      {rows.length === 0 && !loading && !failure && <Nothing filtered={filtered} />}
    </section>
  );
}

function countWords(count: number, more: boolean): string {
  return more ? `the first ${MAX_ROWS}; a filter shows others` : count.toLocaleString('en');
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered) return <p class="nothing">No device has these labels and this phase.</p>;
  return (
    <p class="nothing">
      No device has joined yet. Make a join token with <code>jamesd-ctl token create --join</code>,
      then start the agent with <code>jamesc run --server {location.origin} --join-token …</code>
    </p>
  );
}

interface RowProps {
  row: DeviceRow;
  selected: boolean;
  onSelect(device: string): void;
}

const Row = memo(({ row, selected, onSelect }: RowProps) => {
  const state = stateOf(row);
  const note = noteOf(row);
  return (
    <tr
      ref={useFlash(row)}
      class={selected ? 'selected' : ''}
      data-device={row.id}
      data-phase={row.phase}
      data-converged={row.converged}
      onClick={() => onSelect(row.id)}
    >
      <th scope="row">
        <span class={row.online ? 'dot on' : 'dot'} />
        <button type="button" class="link" id={`device-${row.id}`} aria-expanded={selected}>
          {row.id}
        </button>
        <span class="unseen">{row.online ? `online by ${row.transport}` : 'offline'}</span>
      </th>
      <td data-column="state">
        <span class="chips">
          <span class={`badge tone-${state.tone}`}>{state.text}</span>
          {row.problems > 0 && (
            <span class="badge tone-bad">
              {row.problems} {row.problems === 1 ? 'problem' : 'problems'}
            </span>
          )}
          {note && <small title={note}>{cut(note)}</small>}
        </span>
      </td>
      <td data-column="packets">
        <PacketChips packets={row.packets} />
      </td>
      <td data-column="labels">
        <LabelChips labels={row.labels} />
      </td>
      <td data-column="revision" class="number">
        {row.revision ?? '–'}
      </td>
    </tr>
  );
});

const MAX_NOTE = 90;

/** A row has room for a sentence; the details have all of it. */
const cut = (text: string): string =>
  text.length > MAX_NOTE ? `${text.slice(0, MAX_NOTE)}…` : text;

const MAX_LABEL_CHIPS = 6;

function LabelChips({ labels }: { labels: DeviceRow['labels'] }) {
  const { chips, hidden } = labelChips(labels, MAX_LABEL_CHIPS);
  return (
    <span class="chips">
      {chips.map((chip) => (
        <span key={chip} class="chip">
          {chip}
        </span>
      ))}
      {hidden > 0 && <span class="more">+{hidden}</span>}
    </span>
  );
}

/** Lets a row light up when its value is replaced, but not when it first appears. */
function useFlash(row: DeviceRow) {
  const element = useRef<HTMLTableRowElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else element.current?.animate?.({ backgroundColor: ['var(--flash)', 'transparent'] }, 1200);
  }, [row]);
  return element;
}
