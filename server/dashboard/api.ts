import type { DeviceView, Explanation, PacketView, Page } from '../../proto/api.ts';
import type { SpecView } from '../../proto/document-views.ts';
import type { RenewalHolds, SpecUpdatesView } from '../../proto/package-views.ts';
import type { Phase } from '../../proto/reported.ts';

/** A refusal or a failure of the server; `status` 0: it could not be reached. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the page asks over HTTP. Every call rejects with an ApiError. */
export interface Api {
  devices(query: {
    selector: string;
    phase: Phase | null;
    limit: number;
  }): Promise<Page<DeviceView>>;
  device(id: string): Promise<DeviceView>;
  explain(id: string): Promise<Explanation>;
  packet(id: string): Promise<PacketView>;
  /** The first thousand specs. */
  specs(): Promise<Page<SpecView>>;
  /** The specs whose renewal is held. */
  holds(): Promise<RenewalHolds>;
  /** What a fresh plan would choose otherwise than a spec's lock. */
  updates(spec: string): Promise<SpecUpdatesView>;
  /** Asks the server to refresh a source; how it goes comes by messages. */
  refresh(source: string): Promise<void>;
}

/** The API with an operator's token. */
export function createApi(token: string): Api {
  const get = <Answer>(path: string): Promise<Answer> => request(path, token);
  return {
    devices({ selector, phase, limit }) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (selector !== '') query.set('selector', selector);
      if (phase !== null) query.set('phase', phase);
      return get(`/v1/devices?${query}`);
    },
    device: (id) => get(`/v1/devices/${encodeURIComponent(id)}`),
    explain: (id) => get(`/v1/explain/${encodeURIComponent(id)}`),
    packet: (id) => get(`/v1/packets/${encodeURIComponent(id)}`),
    specs: () => get('/v1/specs?limit=1000'),
    holds: () => get('/v1/holds'),
    updates: (spec) => get(`/v1/specs/${encodeURIComponent(spec)}/updates`),
    async refresh(source) {
      const path = `/v1/sources/${encodeURIComponent(source)}/refresh`;
      await (await send(path, token, 'POST')).body?.cancel();
    },
  };
}

async function request<Answer>(path: string, token: string): Promise<Answer> {
  const answer = await send(path, token, 'GET');
  return (await answer.json().catch(() => null)) as Answer;
}

async function send(path: string, token: string, method: 'GET' | 'POST'): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const answer = await fetch(path, { method, headers }).catch(() => {
    throw new ApiError(0, 'The server cannot be reached.');
  });
  if (answer.ok) return answer;
  const body: unknown = await answer.json().catch(() => null);
  throw new ApiError(answer.status, detailOf(body) ?? `HTTP ${answer.status}`);
}

/** The sentence of a problem document (RFC 9457). */
function detailOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('detail' in body)) return null;
  return typeof body.detail === 'string' ? body.detail : null;
}
