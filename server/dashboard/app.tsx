import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { createApi } from './api.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { DeviceDetails } from './device-details.tsx';
import { DeviceTable } from './device-table.tsx';
import { FilterBar } from './filter-bar.tsx';
import { createFleet, type Fleet, type FleetView } from './fleet.ts';
import { ProposalList } from './proposal-list.tsx';
import { forgetToken, keepToken, takeToken } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { SourceList } from './source-list.tsx';
import { SummaryView } from './summary-view.tsx';

/** The page: asks for a token, then shows the fleet. */
export function App() {
  const [token, setToken] = useState(takeToken);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    const onFragment = (): void => {
      const given = takeToken();
      if (given) setToken(given);
    };
    addEventListener('hashchange', onFragment);
    return () => removeEventListener('hashchange', onFragment);
  }, []);

  const leave = useCallback((why: string | null) => {
    forgetToken();
    setFault(why);
    setToken(null);
  }, []);

  if (token === null) {
    const enter = (given: string): void => {
      keepToken(given);
      setFault(null);
      setToken(given);
    };
    return <SignIn fault={fault} onToken={enter} />;
  }
  return <FleetPage key={token} token={token} onLeave={leave} />;
}

interface FleetPageProps {
  token: string;
  onLeave(why: string | null): void;
}

function FleetPage({ token, onLeave }: FleetPageProps) {
  const fleet = useMemo(() => createFleet({ token, api: createApi(token) }), [token]);
  const view = useView(fleet);
  const denied = view.connection.kind === 'denied';

  useEffect(() => {
    if (denied) onLeave('This token is not accepted. It may have been made by an earlier run.');
  }, [denied, onLeave]);

  const select = useCallback((device: string | null) => fleet.select(device), [fleet]);
  const close = useCallback(() => {
    const device = fleet.view().detail?.device;
    fleet.select(null);
    if (device) document.getElementById(`device-${device}`)?.focus();
  }, [fleet]);

  return (
    <div class={view.detail ? 'frame with-details' : 'frame'}>
      <header>
        <h1>
          <img src="/icon.svg" alt="" width="24" height="24" /> jamesd
        </h1>
        <ConnectionBadge state={view.connection} onRetry={fleet.retryNow} />
        <button type="button" class="quiet" onClick={() => onLeave(null)}>
          Sign out
        </button>
      </header>
      <main>
        <SummaryView
          summary={view.summary}
          phase={view.phase}
          onPhase={(phase) => fleet.filterBy(view.selectorText, phase)}
        />
        <ProposalList proposals={view.proposals} />
        <FilterBar view={view} onFilter={fleet.filterBy} />
        <DeviceTable
          table={view.table}
          loading={view.loading}
          failure={view.failure}
          filtered={view.selectorText !== '' || view.phase !== null}
          selected={view.detail?.device ?? null}
          onSelect={select}
        />
        <SourceList sources={view.sources} onRefresh={fleet.refreshSource} />
      </main>
      {view.detail && (
        <DeviceDetails key={view.detail.device} detail={view.detail} onClose={close} />
      )}
    </div>
  );
}

/** Starts the fleet, follows it while the component lives. */
function useView(fleet: Fleet): FleetView {
  const [view, setView] = useState(fleet.view);
  useEffect(() => {
    const unsubscribe = fleet.onChange(() => setView(fleet.view()));
    fleet.start();
    return () => {
      unsubscribe();
      fleet.stop();
    };
  }, [fleet]);
  return view;
}
