import type { Summary } from '../../proto/messages.ts';
import { type Phase, phases } from '../../proto/reported.ts';
import { toneOfPhase } from './words.ts';

interface Props {
  summary: Summary | null;
  /** The phase that the table is cut down to, or null. */
  phase: Phase | null;
  onPhase(phase: Phase | null): void;
}

/** The fleet in four figures, a bar of phases, and how far each spec is. */
export function SummaryView({ summary, phase, onPhase }: Props) {
  return (
    <section class="summary" aria-labelledby="fleet-heading">
      <h2 id="fleet-heading" class="unseen">
        Fleet
      </h2>
      <dl class="figures">
        <Figure name="devices" value={summary?.devices} />
        <Figure name="online" value={summary?.online} of={summary?.devices} />
        <Figure name="converged" value={summary?.converged} of={summary?.devices} />
        <Figure name="problems" value={summary?.problems} bad={(summary?.problems ?? 0) > 0} />
      </dl>
      {summary && summary.devices > 0 && (
        <PhaseBar summary={summary} phase={phase} onPhase={onPhase} />
      )}
      {summary && summary.specs.length > 0 && <SpecList specs={summary.specs} />}
    </section>
  );
}

interface FigureProps {
  name: string;
  value: number | undefined;
  of?: number | undefined;
  bad?: boolean;
}

function Figure({ name, value, of, bad = false }: FigureProps) {
  return (
    <div class={bad ? 'figure bad' : 'figure'} data-figure={name}>
      <dt>{name}</dt>
      <dd>
        {value === undefined ? '–' : value.toLocaleString('en')}
        {of !== undefined && of > 0 && <small> of {of.toLocaleString('en')}</small>}
      </dd>
    </div>
  );
}

function PhaseBar({ summary, phase, onPhase }: Props & { summary: Summary }) {
  const counts = phases
    .map((name) => ({ name, count: summary.phases[name] ?? 0 }))
    .filter(({ name, count }) => count > 0 || name === phase);
  return (
    <div class="phases">
      <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
        {counts.map(({ name, count }, index) => (
          <rect
            key={name}
            class={`tone-${toneOfPhase[name]}`}
            x={(1000 * sum(counts.slice(0, index))) / summary.devices}
            width={(1000 * count) / summary.devices}
            height="10"
          />
        ))}
      </svg>
      <ul class="legend" aria-label="Phases; press one to see its devices only">
        {counts.map(({ name, count }) => (
          <li key={name}>
            <button
              type="button"
              class={`chip tone-${toneOfPhase[name]}`}
              aria-pressed={phase === name}
              onClick={() => onPhase(phase === name ? null : name)}
            >
              {name} <b>{count.toLocaleString('en')}</b>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const sum = (counts: readonly { count: number }[]): number =>
  counts.reduce((total, { count }) => total + count, 0);

const MAX_SPECS = 6;

function SpecList({ specs }: { specs: Summary['specs'] }) {
  return (
    <ul class="specs" aria-label="Specs">
      {specs.slice(0, MAX_SPECS).map((spec) => (
        <li key={spec.id}>
          <span class="name">{spec.id}</span>
          <meter
            min={0}
            max={Math.max(1, spec.devices)}
            value={spec.converged}
            aria-label={spec.id}
          />
          <span class="count">
            {spec.converged.toLocaleString('en')} of {spec.devices.toLocaleString('en')} converged
          </span>
        </li>
      ))}
    </ul>
  );
}
