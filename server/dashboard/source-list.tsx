import { useState } from 'preact/hooks';
import type { SourceStatusMessage } from '../../proto/source-status.ts';
import { badgeOf, type SourceStates } from './sources-state.ts';

interface Props {
  sources: SourceStates;
  /** Asks for a refresh; rejects if the server refuses. */
  onRefresh(source: string): Promise<void>;
}

/** The sources: how each stands, why the last refresh failed, what a running one does. Nothing where there is none. */
export function SourceList({ sources, onRefresh }: Props) {
  const rows = [...sources.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (rows.length === 0) return null;
  return (
    <section class="sources" aria-labelledby="sources-heading">
      <h2 id="sources-heading">
        Sources <small>{rows.length.toLocaleString('en')}</small>
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Packages
            </th>
            <th scope="col">Last good</th>
            <th scope="col">
              <span class="unseen">Refresh</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((status) => (
            <Row key={status.id} status={status} onRefresh={onRefresh} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ status, onRefresh }: { status: SourceStatusMessage } & Pick<Props, 'onRefresh'>) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const { id, refreshing, packages, lastGoodAt, error, line } = status;
  const badge = badgeOf(status);
  const refresh = (): void => {
    setRefusal(null);
    onRefresh(id).catch((reason: unknown) =>
      setRefusal(reason instanceof Error ? reason.message : String(reason)),
    );
  };
  return (
    <tr data-source={id} data-state={refreshing ? 'refreshing' : status.state}>
      <th scope="row">{id}</th>
      <td data-column="state">
        <span class={`badge tone-${badge.tone}`}>{badge.text}</span>
        {refreshing && line && <code class="line">{line}</code>}
        {!refreshing && error && <p class="fault">{error.detail}</p>}
        {refusal && (
          <p class="fault" role="alert">
            {refusal}
          </p>
        )}
      </td>
      <td data-column="packages" class="number">
        {packages.toLocaleString('en')}
        <span class="only-narrow"> packages</span>
      </td>
      <td data-column="good">{lastGoodAt ? new Date(lastGoodAt).toLocaleString() : 'never'}</td>
      <td data-column="refresh">
        <button type="button" class="quiet" disabled={refreshing} onClick={refresh}>
          Refresh<span class="unseen"> {id}</span>
        </button>
      </td>
    </tr>
  );
}
