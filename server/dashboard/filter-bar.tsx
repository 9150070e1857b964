import { useEffect, useRef } from 'preact/hooks';
import type { Phase } from '../../proto/reported.ts';
import type { FleetView } from './fleet.ts';

interface Props {
  view: Pick<FleetView, 'selectorText' | 'selectorFault' | 'phase'>;
  onFilter(selectorText: string, phase: Phase | null): void;
}

const PAUSE_MS = 300;

/** Cuts the table down by a selector in its text form, and takes a chosen phase back. */
export function FilterBar({ view, onFilter }: Props) {
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);

  const later = (text: string): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onFilter(text.trim(), view.phase), PAUSE_MS);
  };

  return (
    <search class="filter">
      <label for="selector">Filter by labels</label>
      <input
        id="selector"
        type="text"
        inputMode="text"
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
        placeholder="fleet=alpha,arch=armv6l|armv7l,!retired"
        aria-invalid={view.selectorFault !== null}
        aria-describedby="selector-fault"
        onInput={(event) => later(event.currentTarget.value)}
      />
      {view.phase && (
        <button type="button" class="quiet" onClick={() => onFilter(view.selectorText, null)}>
          phase: {view.phase} <span aria-hidden="true">×</span>
          <span class="unseen">take this filter away</span>
        </button>
      )}
      <p id="selector-fault" class="fault" role="status">
        {view.selectorFault}
      </p>
    </search>
  );
}
