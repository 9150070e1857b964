import type { Changes, Summary } from '../../proto/messages.ts';
import type { SpecUpdatesView } from '../../proto/package-views.ts';
import type { Phase } from '../../proto/reported.ts';
import { parseSelector, type Selector } from '../../proto/selector.ts';
import type { SourceStatusMessage } from '../../proto/source-status.ts';
import {
  FLEET_CHANGES_TOPIC,
  FLEET_SUMMARY_TOPIC,
  parseTopic,
  SOURCES_FILTER,
} from '../../proto/topics.ts';
import { type Api, ApiError } from './api.ts';
import { type ConnectionState, createConnection } from './connection.ts';
import { createDetail, type DetailState } from './detail.ts';
import { emptyTable, MAX_ROWS, rowOf, type Table, withChanges } from './fleet-state.ts';
import { createProposals } from './proposals.ts';
import { offersMayDiffer, type SourceStates, withStatus } from './sources-state.ts';
import { createVersions } from './versions.ts';

/** Everything the page shows, as one value that is replaced and never changed. */
export interface FleetView {
  connection: ConnectionState;
  summary: Summary | null;
  table: Table;
  loading: boolean;
  /** Why the table could not be read, or null. */
  failure: string | null;
  selectorText: string;
  /** What is wrong with the selector's text, or null. */
  selectorFault: string | null;
  phase: Phase | null;
  detail: DetailState | null;
  sources: SourceStates;
  /** Updates that specs with `updates: manual` could take. */
  proposals: readonly SpecUpdatesView[];
}

export interface Fleet {
  view(): FleetView;
  onChange(listener: () => void): () => void;
  start(): void;
  stop(): void;
  retryNow(): void;
  filterBy(selectorText: string, phase: Phase | null): void;
  /** Opens the details of a device, or closes them. */
  select(device: string | null): void;
  /** Asks for a refresh of a source; rejects if the server refuses. */
  refreshSource(source: string): Promise<void>;
}

/** Follows the fleet: reads the list over HTTP at each connect, then applies what `fleet/#` brings. */
export function createFleet({ token, api }: { token: string; api: Api }): Fleet {
  const listeners = new Set<() => void>();
  const versions = createVersions(api);
  let selector: Selector = {};
  let reading = 0;
  let late: Changes[] | null = null;
  let view: FleetView = {
    connection: { kind: 'connecting' },
    summary: null,
    table: emptyTable,
    loading: true,
    failure: null,
    selectorText: '',
    selectorFault: null,
    phase: null,
    detail: null,
    sources: new Map(),
    proposals: [],
  };

  const connection = createConnection({ token, onState, onMessage });
  const detail = createDetail({
    api,
    versions,
    connection,
    onChange: (state) => set({ detail: state }),
  });
  const proposals = createProposals({ api, onChange: (list) => set({ proposals: list }) });

  function set(change: Partial<FleetView>): void {
    view = { ...view, ...change };
    for (const listener of listeners) listener();
  }

  function onState(state: ConnectionState): void {
    set({ connection: state });
    if (state.kind !== 'online') return;
    void readList();
    detail.refresh();
    proposals.refresh();
  }

  function onMessage(topic: string, payload: Uint8Array): void {
    const message: unknown = parseJson(payload);
    const parsed = parseTopic(topic);
    if (parsed?.kind === 'source-status')
      onSource(parsed.source, message as SourceStatusMessage | null);
    if (message === null || parsed === null) return;
    if (parsed.kind === 'fleet-summary') onSummary(message as Summary);
    else if (parsed.kind === 'fleet-changes') onChanges(message as Changes);
    else if (parsed.kind === 'device') detail.onMessage(parsed, message);
  }

  /** An empty message says that the source is gone. */
  function onSource(id: string, status: SourceStatusMessage | null): void {
    const differs = offersMayDiffer(view.sources.get(id), status);
    set({ sources: withStatus(view.sources, id, status) });
    if (differs) proposals.refresh();
  }

  /** What is proposed may differ whenever specs or packets do. */
  function onSummary(summary: Summary): void {
    const proposed = ({ specs, packets }: Summary): string =>
      JSON.stringify([specs.map(({ id, devices }) => [id, devices]), packets.map(({ id }) => id)]);
    const differs = view.summary === null || proposed(view.summary) !== proposed(summary);
    set({ summary });
    if (differs) proposals.refresh();
  }

  function onChanges(changes: Changes): void {
    late?.push(changes);
    if (view.proposals.length > 0) proposals.refresh();
    for (const row of changes.devices) if (row.id === view.detail?.device) detail.refresh();
    set({ table: withChanges(view.table, changes, { selector, phase: view.phase }) });
    if (changes.truncated && !late) void readList();
  }

  /** Reads the list anew; changes that arrive meanwhile are applied on top. A later call overtakes an earlier one. */
  async function readList(): Promise<void> {
    const turn = ++reading;
    late = [];
    set({ loading: true });
    try {
      const { selectorText, phase } = view;
      const page = await api.devices({ selector: selectorText, phase, limit: MAX_ROWS });
      await versions.learn(page.items.flatMap((item) => item.reported?.packets ?? []));
      if (turn !== reading) return;
      const rows = new Map(page.items.map((item) => [item.id, rowOf(item, versions.of)]));
      let table: Table = { rows, more: page.next !== null };
      for (const changes of late) table = withChanges(table, changes, { selector, phase });
      set({ table, failure: null });
    } catch (error) {
      if (turn === reading) onFailure(error);
    } finally {
      if (turn === reading) {
        late = null;
        set({ loading: false });
      }
    }
  }

  function onFailure(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) {
      connection.stop();
      set({ connection: { kind: 'denied' } });
    } else set({ failure: error instanceof Error ? error.message : String(error) });
  }

  return {
    view: () => view,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      connection.watch([FLEET_SUMMARY_TOPIC, FLEET_CHANGES_TOPIC, SOURCES_FILTER]);
      connection.start();
    },
    stop() {
      detail.close();
      connection.stop();
    },
    retryNow: () => connection.retryNow(),
    filterBy(selectorText, phase) {
      try {
        selector = parseSelector(selectorText);
        set({ selectorText, phase, selectorFault: null });
        void readList();
      } catch (error) {
        set({ selectorFault: error instanceof Error ? error.message : String(error) });
      }
    },
    refreshSource: (source) => api.refresh(source),
    select: (device) => (device === null ? detail.close() : detail.open(device)),
  };
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return null;
  }
}
