import type { Impact } from '../../proto/api.ts';
import type { DocumentOf, Kind } from '../../proto/document.ts';
import type {
  ApplyRequest,
  ApplyResult,
  GenerationView,
  ViewOf,
} from '../../proto/document-views.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Events } from '../events/events.ts';
import { abandonedSecrets } from '../secrets/core/abandoned-secrets.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { type Changes, changesOf, differences, isEmpty, resultsOf } from './changes.ts';
import type { Authorship } from './document-set.ts';
import type { Documents } from './documents.ts';
import { tellChanges, tellRollback, tellRollbackAll } from './event-words.ts';
import { refuseUnconfirmed } from './guard.ts';
import type { History } from './history.ts';
import { createMutex } from './mutex.ts';
import { type OwnerOf, refuseOwned, withoutOwned } from './owners.ts';
import { separateSecrets } from './separate-secrets.ts';
import { wantedBy } from './wanted.ts';

/** How a person makes a change. */
export interface ChangeOptions extends Authorship {
  /** The number of removals that the person confirmed. */
  confirmRemovals?: number | undefined;
  /** Looks at the document as it stands just before the change and throws if that is not the expected one. */
  check?: ((current: { revision: number } | undefined) => void) | undefined;
  /** The file of the server that makes the change; it may change what it owns. */
  file?: string | undefined;
}

/**
 * Changes of the configuration by people: one at a time, so that what the guard looked at is what the change meets.
 * A change without difference makes no revision and no generation. All throw `removals-unconfirmed`, and `conflict`
 * where a file of the server owns a document. Users and passwords in addresses become secrets first.
 */
export interface Configuration {
  /** Makes or replaces a document. */
  put<K extends Kind>(
    kind: K,
    document: DocumentOf[K],
    options: ChangeOptions,
  ): Promise<{ view: ViewOf[K]; created: boolean }>;
  /** Throws `not-found`. */
  delete(kind: Kind, id: string, options: ChangeOptions): Promise<void>;
  /** Makes a document what it was, as a new revision; undefined if it was deleted then. Throws `not-found`. */
  rollback<K extends Kind>(
    kind: K,
    id: string,
    revision: number,
    options: ChangeOptions,
  ): Promise<ViewOf[K] | undefined>;
  /** Puts several documents as one generation; `prune` deletes all others, `dryRun` only tells. */
  apply(request: ApplyRequest, options: ChangeOptions): Promise<ApplyResult>;
  /** Puts and deletes exactly these, as one generation; for files of the server. */
  change(changes: Changes, options: ChangeOptions): Promise<ApplyResult>;
  /**
   * Makes the whole configuration what it was, as one new generation; what files of the server own stays as they say.
   * Throws `not-found`.
   */
  rollbackAll(generation: number, options: ChangeOptions): Promise<ApplyResult>;
}

export interface ConfigurationParts {
  documents: Documents;
  history: History;
  secrets: Pick<Secrets, 'prepare' | 'put'>;
  impactOf: (changes: Changes) => Promise<Impact>;
  /** The number of enrolled devices. */
  devices: () => number;
  events: Pick<Events, 'add'>;
  /** Up to this percentage of all devices may lose packets unconfirmed; 20 by default. */
  removalPercent?: number;
  /** The file that is the truth of a source, if one is. */
  ownerOf?: OwnerOf;
  /** Throws if this server cannot use a source, such as for its type. */
  checkSource?: (source: DocumentOf['Source']) => void;
}

type Tell = (record: GenerationView) => void;

export function createConfiguration(parts: ConfigurationParts): Configuration {
  const { documents, history, events } = parts;
  const exclusive = createMutex();
  const ownerOf: OwnerOf = parts.ownerOf ?? (() => undefined);
  const tellAll: Tell = (record) => tellChanges(events, record);

  /** What is wanted against what is, looked at by everybody who may refuse it. */
  const examine = async (asked: Changes, options: ChangeOptions) => {
    const { wanted, secrets } = separateSecrets(asked);
    const changes = differences(wanted, documents);
    for (const source of changes.Source.values()) if (source) parts.checkSource?.(source);
    refuseOwned(changes, ownerOf, options.file);
    const results = resultsOf(wanted, changes, documents);
    return { changes, secrets, results, impact: await parts.impactOf(changes) };
  };

  const change = async (
    asked: Changes,
    options: ChangeOptions,
    tell: Tell = tellAll,
  ): Promise<ApplyResult> => {
    const { changes, secrets, results, impact } = await examine(asked, options);
    const { confirmRemovals: confirmed, author, message } = options;
    const percent = parts.removalPercent ?? 20;
    refuseUnconfirmed(impact, { devices: parts.devices(), percent, confirmed });
    if (isEmpty(changes)) {
      if (secrets.size > 0) await parts.secrets.put(secrets);
      return { generation: null, results, impact };
    }
    const further = parts.secrets.prepare(secrets, abandonedBy(changes, documents));
    const record = await documents.commit(changes, { author, message }, further);
    tell(record);
    const nameOf = ({ kind, id }: { kind: Kind; id: string }): string => `${kind}/${id}`;
    const revisions = new Map(record.changes.map((one) => [nameOf(one), one.revision]));
    return {
      generation: record.generation,
      results: results.map((one) => ({
        ...one,
        revision: revisions.get(nameOf(one)) ?? one.revision,
      })),
      impact,
    };
  };

  return {
    put: (kind, document, options) =>
      exclusive(async () => {
        const current = documents.view(kind, document.id);
        options.check?.(current);
        await change(changesOf(kind, new Map([[document.id, document]])), options);
        return { view: requireView(documents, kind, document.id), created: current === undefined };
      }),
    delete: (kind, id, options) =>
      exclusive(async () => {
        const current = requireView(documents, kind, id);
        options.check?.(current);
        await change(changesOf(kind, new Map([[id, null]])), options);
      }),
    rollback: (kind, id, revision, options) =>
      exclusive(async () => {
        options.check?.(documents.view(kind, id));
        const former = await history.revision(kind, id, revision);
        if (!former) throw notFound(`${kind} ${id} has no revision ${revision}.`);
        const explained = withMessage(options, `back to revision ${revision}`);
        const asked = changesOf(kind, new Map([[id, former.document]]));
        await change(asked, explained, (record) =>
          tellRollback(events, record, { kind, id, revision }),
        );
        return documents.view(kind, id);
      }),
    apply: (request, options) =>
      exclusive(async () => {
        const wanted = wantedBy(request, documents, ownerOf);
        if (!request.dryRun) return change(wanted, options);
        const { results, impact } = await examine(wanted, options);
        return { generation: null, results, impact };
      }),
    change: (changes, options) => exclusive(() => change(changes, options)),
    rollbackAll: (generation, options) =>
      exclusive(async () => {
        const present = documents.generation();
        if (generation > present)
          throw notFound(`There is no generation ${generation}; the present one is ${present}.`);
        const explained = withMessage(options, `back to generation ${generation}`);
        const then = withoutOwned(await history.asOf(generation), ownerOf);
        return change(then, explained, (record) => tellRollbackAll(events, record, generation));
      }),
  };
}

/** The secrets that no source names any more after the changes. */
function abandonedBy(changes: Changes, documents: Documents): string[] {
  const before = [...documents.sources.all()];
  const stay = before.filter(({ id }) => !changes.Source.has(id));
  const come = [...changes.Source.values()].filter((source) => source !== null);
  return abandonedSecrets(before, [...stay, ...come]);
}

function requireView<K extends Kind>(documents: Documents, kind: K, id: string): ViewOf[K] {
  const view = documents.view(kind, id);
  if (!view) throw notFound(`There is no ${kind.toLowerCase()} ${id}.`);
  return view;
}

function notFound(sentence: string): JamesError {
  return new JamesError('not-found', sentence);
}

function withMessage(options: ChangeOptions, message: string): ChangeOptions {
  return { ...options, message: options.message ?? message };
}
