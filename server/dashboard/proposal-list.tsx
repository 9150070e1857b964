import type { SpecUpdatesView } from '../../proto/package-views.ts';
import {
  changesOf,
  devicesOf,
  heldText,
  type ProposedChange,
  promotionOf,
} from './proposal-changes.ts';

const MAX_CHANGES = 12;

/** The updates that wait for a person, and the command that takes each. Nothing where nothing waits. */
export function ProposalList({ proposals }: { proposals: readonly SpecUpdatesView[] }) {
  if (proposals.length === 0) return null;
  return (
    <section class="updates" aria-labelledby="updates-heading">
      <h2 id="updates-heading">
        Proposed updates <small>{proposals.length}</small>
      </h2>
      <ul class="proposals">
        {proposals.map((view) => (
          <Proposal key={view.spec} view={view} />
        ))}
      </ul>
    </section>
  );
}

function Proposal({ view }: { view: SpecUpdatesView }) {
  const changes = changesOf(view);
  const devices = devicesOf(view);
  const problems = view.rows.flatMap((row) => row.problems);
  return (
    <li data-spec={view.spec}>
      <h3>{view.spec}</h3>
      <p class="hint">
        {devices.toLocaleString('en')} {devices === 1 ? 'device' : 'devices'}. Nothing changes until
        it is promoted: <code>{promotionOf(view)}</code>
      </p>
      {view.held && <p class="fault">{heldText(view)}</p>}
      <ul class="changes">
        {changes.slice(0, MAX_CHANGES).map((change) => (
          <Change key={`${change.name} ${change.from} ${change.to}`} change={change} />
        ))}
        {changes.length > MAX_CHANGES && (
          <li class="more">and {(changes.length - MAX_CHANGES).toLocaleString('en')} more</li>
        )}
      </ul>
      {problems.map(({ code, name, detail }) => (
        <p key={`${code} ${name}`} class="fault">
          {name}: {detail}
        </p>
      ))}
    </li>
  );
}

function Change({ change: { name, from, to } }: { change: ProposedChange }) {
  return (
    <li class={to === null ? 'gone' : ''}>
      <b>{name}</b>{' '}
      {from === null ? `${to}, new` : to === null ? `${from}, removed` : `${from} → ${to}`}
    </li>
  );
}
