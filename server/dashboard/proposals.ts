import type { SpecUpdatesView } from '../../proto/package-views.ts';
import type { Api } from './api.ts';

/** Follows the updates that wait for a person: of specs with `updates: manual`, and those that are held. */
export interface Proposals {
  /** Reads them again, at most once a second: calls meanwhile are joined into one more. Failures leave what is known. */
  refresh(): void;
}

interface Options {
  api: Pick<Api, 'specs' | 'holds' | 'updates'>;
  /** Only those that propose something, by the id of their spec. */
  onChange(proposals: readonly SpecUpdatesView[]): void;
}

const PAUSE_MS = 1000;

export function createProposals({ api, onChange }: Options): Proposals {
  let busy = false;
  let again = false;

  async function read(): Promise<void> {
    const [{ items }, holds] = await Promise.all([api.specs(), api.holds()]);
    const manual = items.filter(({ updates }) => updates === 'manual').map(({ id }) => id);
    const ids = [...holds.items.map(({ spec }) => spec), ...manual];
    const views = await Promise.all(ids.map((id) => api.updates(id).catch(() => null)));
    onChange(views.filter((view) => view !== null).filter(isProposal));
  }

  async function refresh(): Promise<void> {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      await read().catch(() => {});
      await new Promise((next) => setTimeout(next, PAUSE_MS));
    }
    busy = false;
  }

  return { refresh: () => void refresh() };
}

function isProposal({ lock, proposed, held }: SpecUpdatesView): boolean {
  return held !== null || lock !== proposed;
}
