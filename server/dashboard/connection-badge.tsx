import { useEffect, useState } from 'preact/hooks';
import type { ConnectionState } from './connection.ts';

interface Props {
  state: ConnectionState;
  onRetry(): void;
}

/** Says whether what the page shows is live. */
export function ConnectionBadge({ state, onRetry }: Props) {
  return (
    <div class={`connection ${state.kind}`}>
      <span role="status">{words(state)}</span>
      {state.kind === 'offline' && (
        <>
          <Countdown to={state.retryAt} />
          <button type="button" class="quiet" onClick={onRetry}>
            Try now
          </button>
        </>
      )}
    </div>
  );
}

function words(state: ConnectionState): string {
  switch (state.kind) {
    case 'online':
      return 'Live';
    case 'connecting':
      return 'Connecting …';
    case 'offline':
      return 'Disconnected';
    case 'denied':
      return 'Token refused';
  }
}

/** The seconds until a time. */
function Countdown({ to }: { to: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span>next try in {Math.max(0, Math.ceil((to - now) / 1000))} s</span>;
}
