import type { DeviceView, Explanation } from '../../proto/api.ts';
import { Part } from './part.tsx';

interface Props {
  view: DeviceView;
  explanation: Explanation | null;
}

/** What the device's own package manager was asked for, and where it is not so. */
export function DevicePackages({ view, explanation }: Props) {
  const wanted = explanation?.packages ?? [];
  const installed = view.reported?.packages?.installed ?? 0;
  const wrong = view.reported?.packages?.wrong ?? [];
  const sources = (explanation?.sources ?? []).filter(({ applies }) => applies);
  if (wanted.length === 0 && installed === 0 && wrong.length === 0) return null;
  const asked = wanted.filter(({ auto }) => !auto).length;
  return (
    <Part title="Packages">
      <dl class="facts">
        <dt>Wanted</dt>
        <dd>
          {wanted.length.toLocaleString('en')}{' '}
          <small>
            {asked.toLocaleString('en')} by name, {(wanted.length - asked).toLocaleString('en')} as
            their prerequisites
          </small>
        </dd>
        <dt>Installed</dt>
        <dd>{installed.toLocaleString('en')}</dd>
        {sources.length > 0 && (
          <>
            <dt>Sources</dt>
            <dd>{sources.map(({ id }) => id).join(', ')}</dd>
          </>
        )}
      </dl>
      {wrong.length > 0 && (
        <ul class="problems" aria-label="Packages that are not as they should be">
          {wrong.map(({ name, status, error }) => (
            <li key={name}>
              <b>{name}</b> <span class="badge tone-bad">{status}</span> {error}
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
