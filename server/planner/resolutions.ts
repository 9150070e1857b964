import { hash } from 'node:crypto';
import type { Request, Resolution } from '../resolver/core/resolution.ts';
import { resolve } from '../resolver/core/resolve.ts';
import type { BuiltView } from './package-views.ts';

/** Answers of the resolver by view and request. Those that were not asked for longest go first. */
export interface Resolutions {
  of(view: BuiltView, request: Request): Resolution;
}

/** Remembered answers hold at most this many packages together (about 200 bytes each). */
const MAX_PACKAGES = 500_000;

export function createResolutions(): Resolutions {
  const keyOf = createRequestKey();
  const known = new Map<string, Resolution>();
  let weight = 0;

  const forget = (): void => {
    for (const [key, resolution] of known) {
      if (weight <= MAX_PACKAGES) return;
      known.delete(key);
      weight -= weightOf(resolution);
    }
  };

  return {
    of(view, request) {
      const key = `${view.id} ${keyOf(request)}`;
      const found = known.get(key);
      const resolution = found ?? resolve(view.view, request);
      known.delete(key);
      known.set(key, resolution);
      if (!found) weight += weightOf(resolution);
      forget();
      return resolution;
    },
  };
}

function weightOf({ packages, removed }: Resolution): number {
  return 1 + packages.length + removed.length;
}

/** Gives a text that is equal exactly if two requests are; lists count in their order, which callers keep. */
export function createRequestKey(): (request: Request) => string {
  const lists = new WeakMap<object, string>();
  const digestOf = (installed: Request['installed']): string => {
    if (installed.length === 0) return '';
    const found = lists.get(installed) ?? hash('sha256', JSON.stringify(installed), 'hex');
    lists.set(installed, found);
    return found;
  };
  return ({ locked, installed, ...rest }) => {
    const versions = [...locked].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([rest, versions, digestOf(installed)]);
  };
}
