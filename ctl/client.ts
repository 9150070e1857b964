import type {
  DevicePatch,
  DeviceView,
  EventView,
  Explanation,
  NewToken,
  PacketView,
  Page,
  Plan,
  TokenRequest,
  TokenView,
} from '../proto/api.ts';
import type { DocumentOf, Kind } from '../proto/document.ts';
import type {
  ApplyRequest,
  ApplyResult,
  GenerationView,
  RevisionView,
  SourceFileView,
  ViewOf,
} from '../proto/document-views.ts';
import { formatLabels, type Labels } from '../proto/labels.ts';
import type { Credentials, SecretView } from '../proto/secret.ts';
import { formatSelector, type Selector } from '../proto/selector.ts';
import type { Http, Request } from './http.ts';
import { packageCalls } from './package-client.ts';

/** What goes with a change: why it is made, and how many removals were agreed to. */
export interface Change {
  message?: string | undefined;
  confirmRemovals?: number | undefined;
}

const PAGE_SIZE = 500;

/** The HTTP API of a server, typed. Every call may throw the JamesErrors of `http.ts`. */
export type Client = ReturnType<typeof createClient>;

export function createClient(http: Http) {
  const calls = createCalls(http);
  return {
    http,
    ...packetCalls(calls),
    ...documentCalls(calls),
    ...secretCalls(calls),
    ...configurationCalls(calls),
    ...deviceCalls(calls),
    ...recordCalls(calls),
    ...packageCalls(calls),
  };
}

type Calls = ReturnType<typeof createCalls>;

const at = (...parts: string[]): string => `/v1/${parts.map(encodeURIComponent).join('/')}`;

function createCalls(http: Http) {
  const post = <Value>(path: string, json: unknown, query: Request['query'] = {}) =>
    http.json<Value>({ method: 'POST', path, json, query });

  /** All items of a list, page after page; at most `most`. */
  async function list<Item>(
    path: string,
    query: Request['query'] = {},
    most = Number.POSITIVE_INFINITY,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const limit = Math.min(PAGE_SIZE, most - items.length);
      const page = await http.json<Page<Item>>({ path, query: { ...query, limit, cursor } });
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && items.length < most);
    return items;
  }
  return { http, post, list };
}

function packetCalls({ http, list }: Calls) {
  return {
    packets: (
      query: {
        name?: string | undefined;
        labels?: Labels | undefined;
        selector?: Selector | undefined;
      } = {},
    ) =>
      list<PacketView>(at('packets'), {
        name: query.name,
        labels: query.labels && formatLabels(query.labels),
        selector: query.selector && formatSelector(query.selector),
      }),
    packet: (id: string) => http.json<PacketView>({ path: at('packets', id) }),
    deletePacket: (id: string, change: Change) =>
      http.send({ method: 'DELETE', path: at('packets', id), query: { ...change } }),
  };
}

/** `specs` or `sources`, in addresses. */
const collection = (kind: Kind): string => `${kind.toLowerCase()}s`;

function documentCalls({ http, list, post }: Calls) {
  return {
    documents: <K extends Kind>(kind: K) => list<ViewOf[K]>(at(collection(kind))),
    document: <K extends Kind>(kind: K, id: string) =>
      http.json<ViewOf[K]>({ path: at(collection(kind), id) }),
    /** Replaces the revision `expected`; undefined: there must be none yet. */
    putDocument: <K extends Kind>(
      kind: K,
      document: DocumentOf[K],
      expected: number | undefined,
      change: Change,
    ) =>
      http.json<ViewOf[K]>({
        method: 'PUT',
        path: at(collection(kind), document.id),
        json: document,
        headers: precondition(expected),
        query: { ...change },
      }),
    deleteDocument: (kind: Kind, id: string, expected: number, change: Change) =>
      http.send({
        method: 'DELETE',
        path: at(collection(kind), id),
        headers: precondition(expected),
        query: { ...change },
      }),
    revisions: <K extends Kind>(kind: K, id: string) =>
      list<RevisionView<K>>(at(collection(kind), id, 'revisions')),
    /** null: the document had been deleted then, and so it is now. */
    rollbackDocument: <K extends Kind>(kind: K, id: string, revision: number, change: Change) =>
      post<ViewOf[K] | null>(at(collection(kind), id, 'rollback'), { revision }, { ...change }),
  };
}

function secretCalls({ http, list }: Calls) {
  return {
    sourceFiles: () => list<SourceFileView>(at('source-files')),
    secrets: () => list<SecretView>(at('secrets')),
    putSecret: (name: string, credentials: Credentials) =>
      http.json<SecretView>({ method: 'PUT', path: at('secrets', name), json: credentials }),
    deleteSecret: (name: string) => http.send({ method: 'DELETE', path: at('secrets', name) }),
  };
}

function configurationCalls({ http, list, post }: Calls) {
  return {
    generations: (most?: number) => list<GenerationView>(at('generations'), {}, most),
    rollback: (generation: number, change: Change) =>
      post<ApplyResult>(at('generations', String(generation), 'rollback'), {}, { ...change }),
    apply: ({ message, ...request }: ApplyRequest, change: Change) =>
      post<ApplyResult>(
        at('apply'),
        { ...request, ...(message !== undefined && { message }) },
        { ...change },
      ),
    diff: (request: ApplyRequest) => post<ApplyResult>(at('diff'), request),
    compute: (labels: Labels) => post<Plan>(at('compute'), { labels }),
    explain: (device: string, app?: string) =>
      http.json<Explanation>({ path: at('explain', device), query: { app } }),
  };
}

function deviceCalls({ http, list, post }: Calls) {
  return {
    devices: (query: { selector?: Selector | undefined; phase?: string | undefined } = {}) =>
      list<DeviceView>(at('devices'), {
        selector: query.selector && formatSelector(query.selector),
        phase: query.phase,
      }),
    device: (id: string) => http.json<DeviceView>({ path: at('devices', id) }),
    patchDevice: (id: string, patch: DevicePatch, change: Change) =>
      http.json<DeviceView>({
        method: 'PATCH',
        path: at('devices', id),
        json: patch,
        query: { ...change },
      }),
    approveDevice: (id: string) => post<unknown>(at('devices', id, 'approve'), {}),
    approveRemoval: (id: string) => post<unknown>(at('devices', id, 'approve-removal'), {}),
    retryDevice: (id: string) => post<DeviceView>(at('devices', id, 'retry'), {}),
    refreshDevice: (id: string) => post<DeviceView>(at('devices', id, 'refresh'), {}),
    removeDevice: (id: string) => http.send({ method: 'DELETE', path: at('devices', id) }),
  };
}

function recordCalls({ http, list, post }: Calls) {
  return {
    tokens: () => list<TokenView>(at('tokens')),
    createToken: (request: TokenRequest) => post<NewToken>(at('tokens'), request),
    deleteToken: (id: string) => http.send({ method: 'DELETE', path: at('tokens', id) }),
    /** Newest first. */
    events: (query: { subject?: string | undefined; kind?: string | undefined; limit: number }) =>
      list<EventView>(at('events'), { subject: query.subject, kind: query.kind }, query.limit),
  };
}

function precondition(expected: number | undefined): Record<string, string> {
  return expected === undefined ? {} : { 'if-match': `"${expected}"` };
}
