import { formatLabels, type Labels } from '../proto/labels.ts';
import type {
  PackageOffer,
  RenewalHold,
  RenewalHolds,
  ResolveAnswer,
  ResolveRequest,
  SpecLockDiff,
  SpecLockEntry,
  SpecLockView,
  SpecUpdatesView,
} from '../proto/package-views.ts';
import type { Change } from './client.ts';
import type { Http, Request } from './http.ts';

/** What the calls are made with. */
export interface PackageCallParts {
  http: Http;
  post: <Value>(path: string, json: unknown, query?: Request['query']) => Promise<Value>;
  list: <Item>(path: string) => Promise<Item[]>;
}

/** What sources are asked for. */
export interface OfferQuery {
  name?: string | undefined;
  search?: string | undefined;
  device?: string | undefined;
  labels?: Labels | undefined;
  limit?: number | undefined;
}

/** The part of the HTTP API that is about packages and the locks of specs. */
export function packageCalls({ http, post, list }: PackageCallParts) {
  const spec = (id: string, part: string): string => `/v1/specs/${encodeURIComponent(id)}/${part}`;
  return {
    resolve: (request: ResolveRequest) => post<ResolveAnswer>('/v1/resolve', request),
    offers: async ({ labels, ...query }: OfferQuery): Promise<PackageOffer[]> => {
      const all = { ...query, labels: labels && formatLabels(labels) };
      return (await http.json<{ items: PackageOffer[] }>({ path: '/v1/packages', query: all }))
        .items;
    },
    resolverDebug: (mode: 'on' | 'off' | 'toggle') =>
      post<{ debug: boolean }>('/v1/resolver/debug', { mode }),
    specLock: (id: string, revision: number | undefined) =>
      http.json<SpecLockView>({ path: spec(id, 'lock'), query: { revision } }),
    specLocks: (id: string) => list<SpecLockEntry>(spec(id, 'locks')),
    specLockDiff: (id: string, query: { from?: number | undefined; to?: number | undefined }) =>
      http.json<SpecLockDiff>({ path: spec(id, 'lock/diff'), query }),
    holds: async (): Promise<RenewalHold[]> =>
      (await http.json<RenewalHolds>({ path: '/v1/holds' })).items,
    specUpdates: (id: string) => http.json<SpecUpdatesView>({ path: spec(id, 'updates') }),
    promoteSpec: (id: string, change: Change & { lock?: number | undefined }) =>
      post<SpecUpdatesView>(spec(id, 'promote'), {}, { ...change }),
  };
}
