import { useEffect, useRef } from 'preact/hooks';
import type { DeviceView } from '../../proto/api.ts';
import type { Progress } from '../../proto/messages.ts';
import type { DetailState } from './detail.ts';
import { DevicePackages } from './device-packages.tsx';
import { rowOf } from './fleet-state.ts';
import { Part } from './part.tsx';
import { noteOf, stateOf } from './words.ts';

interface Props {
  detail: DetailState;
  onClose(): void;
}

/** One device: what is wanted, what it says it has, what is wrong, and what it does right now. */
export function DeviceDetails({ detail, onClose }: Props) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  const { view, explanation, progress, log, failure } = detail;

  return (
    <aside
      class="details"
      aria-labelledby="details-heading"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <header>
        <h2 id="details-heading">{detail.device}</h2>
        <button ref={close} type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      {failure && (
        <p class="fault" role="alert">
          {failure}
        </p>
      )}
      {view && <State view={view} />}
      {progress && view?.phase !== 'idle' && <Doing progress={progress} />}
      {view && <Problems view={view} />}
      {view && <Packets view={view} explanation={explanation} />}
      {view && <DevicePackages view={view} explanation={explanation} />}
      {view && <LabelTable view={view} />}
      {log.length > 0 && (
        <Part title="Log">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{log.join('\n')}</pre>
        </Part>
      )}
    </aside>
  );
}

function State({ view }: { view: DeviceView }) {
  const { desired, reported } = view;
  const state = stateOf({ ...view, problems: desired?.problems.length ?? 0 });
  const note = noteOf(rowOf(view, () => null));
  return (
    <>
      <p class="chips">
        <span class={`badge tone-${state.tone}`}>{state.text}</span>
        <span class="badge">{view.online ? `online, ${view.transport}` : 'offline'}</span>
        {view.state === 'pending' && <span class="badge tone-wait">waits for approval</span>}
      </p>
      {note && <p>{note}</p>}
      {reported?.detail && view.reason === reported.reason && <p>{reported.detail}</p>}
      <dl class="facts">
        <dt>Wanted</dt>
        <dd>{desired ? `revision ${desired.revision}` : 'nothing yet'}</dd>
        <dt>Installed</dt>
        <dd>{reported?.installed ? `revision ${reported.installed.revision}` : 'nothing yet'}</dd>
        <dt>Agent</dt>
        <dd>{reported?.agent ?? 'never reported'}</dd>
        <dt>Last heard</dt>
        <dd>{view.lastSeenAt ? new Date(view.lastSeenAt).toLocaleString() : 'never'}</dd>
      </dl>
    </>
  );
}

function Doing({ progress }: { progress: Progress }) {
  const { step, packet, percent } = progress;
  return (
    <Part title="Right now">
      <p>
        {step} {packet}
      </p>
      {percent !== undefined && <progress max={100} value={percent} aria-label={step} />}
    </Part>
  );
}

function Problems({ view }: { view: DeviceView }) {
  const problems = [
    ...(view.desired?.problems ?? []).map(({ code, name, detail }) => ({ code, name, detail })),
    ...(view.reported?.packets ?? [])
      .filter(({ error }) => error !== null)
      .map(({ status, name, error }) => ({ code: status, name, detail: error ?? '' })),
  ];
  if (problems.length === 0) return null;
  return (
    <Part title="Problems">
      <ul class="problems">
        {problems.map(({ code, name, detail }) => (
          <li key={`${code} ${name}`}>
            <b>{name}</b> <span class="badge tone-bad">{code}</span> {detail}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Packets({
  view,
  explanation,
}: {
  view: DeviceView;
  explanation: DetailState['explanation'];
}) {
  const have = view.reported?.packets ?? [];
  const chosen = (explanation?.apps ?? []).flatMap(({ chosen: one }) => (one ? [one] : []));
  const names = [...new Set([...chosen, ...have].map(({ name }) => name))].sort();
  if (names.length === 0) return null;
  return (
    <Part title="Packets">
      <ul class="packets">
        {names.map((name) => {
          const want = chosen.find((one) => one.name === name);
          const has = have.find((one) => one.name === name);
          return (
            <li key={name}>
              <b>{name}</b> {has ? has.status : 'not there yet'}
              {want && (
                <small>
                  {Object.entries(want.labels)
                    .map(([key, value]) => `${key}=${value}`)
                    .join(', ')}
                  , wanted by {want.reason.spec}, revision {want.reason.revision}
                </small>
              )}
              {has?.id && <code>{has.id.slice(0, 19)}…</code>}
            </li>
          );
        })}
      </ul>
    </Part>
  );
}

/** Every label with where it comes from; the later source won. */
function LabelTable({ view }: { view: DeviceView }) {
  const sourceOf = (key: string): string => {
    const { operator, join, config } = view.labelSources;
    if (Object.hasOwn(operator, key)) return 'operator';
    if (Object.hasOwn(join, key)) return 'join token';
    return Object.hasOwn(config, key) ? 'agent configuration' : 'fact';
  };
  return (
    <Part title="Labels">
      <dl class="facts">
        {Object.keys(view.labels)
          .sort()
          .map((key) => (
            <>
              <dt key={key}>{key}</dt>
              <dd>
                {view.labels[key]} <small>{sourceOf(key)}</small>
              </dd>
            </>
          ))}
      </dl>
    </Part>
  );
}
