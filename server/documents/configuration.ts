import type {
  ApplyRequest,
  ApplyResult,
  GenerationView,
  Impact,
  SpecView,
} from '../../proto/api.ts';
import { canonicalJson } from '../../proto/canonical-json.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Spec } from '../../proto/spec.ts';
import type { Events } from '../events/events.ts';
import { refuseUnconfirmed } from './guard.ts';
import type { History } from './history.ts';
import { createMutex } from './mutex.ts';
import { type Authorship, documentOf, type Specs } from './specs.ts';

/** How a person makes a change. */
export interface ChangeOptions extends Authorship {
  /** The number of removals that the person confirmed. */
  confirmRemovals?: number | undefined;
  /** Looks at the spec as it stands just before the change and throws if that is not the expected one. */
  check?: ((current: SpecView | undefined) => void) | undefined;
}

/**
 * Changes of the configuration by people: one at a time, so that what the guard looked at is what the change meets.
 * A change without difference makes no revision and no generation. All throw `removals-unconfirmed`.
 */
export interface Configuration {
  /** Makes or replaces a spec. */
  put(spec: Spec, options: ChangeOptions): Promise<{ view: SpecView; created: boolean }>;
  /** Throws `not-found`. */
  delete(id: string, options: ChangeOptions): Promise<void>;
  /** Makes a spec what it was, as a new revision; undefined if it was deleted then. Throws `not-found`. */
  rollback(id: string, revision: number, options: ChangeOptions): Promise<SpecView | undefined>;
  /** Puts several specs as one generation; `prune` deletes all others, `dryRun` only tells. */
  apply(request: ApplyRequest, options: ChangeOptions): Promise<ApplyResult>;
  /** Makes the whole configuration what it was, as one new generation. Throws `not-found`. */
  rollbackAll(generation: number, options: ChangeOptions): Promise<ApplyResult>;
}

export interface ConfigurationParts {
  specs: Specs;
  history: History;
  impactOf: (changes: ReadonlyMap<string, Spec | null>) => Promise<Impact>;
  /** The number of enrolled devices. */
  devices: () => number;
  events: Pick<Events, 'add'>;
  /** Up to this percentage of all devices may lose packets unconfirmed; 20 by default. */
  removalPercent?: number;
}

export function createConfiguration(parts: ConfigurationParts): Configuration {
  const { specs, history, events } = parts;
  const exclusive = createMutex();

  const change = async (
    wanted: ReadonlyMap<string, Spec | null>,
    options: ChangeOptions,
    tell: (record: GenerationView) => void = (record) => tellChanges(events, record),
  ): Promise<ApplyResult> => {
    const changes = differences(specs, wanted);
    const impact = await parts.impactOf(changes);
    const { confirmRemovals: confirmed, author, message } = options;
    refuseUnconfirmed(impact, {
      devices: parts.devices(),
      percent: parts.removalPercent ?? 20,
      confirmed,
    });
    const results = resultsOf(specs, wanted, changes);
    if (changes.size === 0) return { generation: null, results, impact };
    const record = await specs.commit(changes, { author, message });
    tell(record);
    const revisions = new Map(record.changes.map(({ id, revision }) => [id, revision]));
    return {
      generation: record.generation,
      results: results.map((one) => ({ ...one, revision: revisions.get(one.id) ?? one.revision })),
      impact,
    };
  };

  return {
    put: (spec, options) =>
      exclusive(async () => {
        const current = specs.get(spec.id);
        options.check?.(current);
        await change(new Map([[spec.id, spec]]), options);
        return { view: requireSpec(specs, spec.id), created: current === undefined };
      }),
    delete: (id, options) =>
      exclusive(async () => {
        const current = requireSpec(specs, id);
        options.check?.(current);
        await change(new Map([[id, null]]), options);
      }),
    rollback: (id, revision, options) =>
      exclusive(async () => {
        options.check?.(specs.get(id));
        const former = await history.revision(id, revision);
        if (!former) throw notFound(`Spec ${id} has no revision ${revision}.`);
        await change(
          new Map([[id, former.document]]),
          withMessage(options, `back to revision ${revision}`),
          ({ author }) =>
            events.add({
              kind: 'spec-rolled-back',
              actor: `token:${author}`,
              subject: id,
              detail: `to revision ${revision}`,
            }),
        );
        return specs.get(id);
      }),
    apply: (request, options) =>
      exclusive(async () => {
        const wanted = wantedBy(request, specs);
        if (!request.dryRun) return change(wanted, options);
        const changes = differences(specs, wanted);
        const results = resultsOf(specs, wanted, changes);
        return { generation: null, results, impact: await parts.impactOf(changes) };
      }),
    rollbackAll: (generation, options) =>
      exclusive(async () => {
        if (generation > specs.generation())
          throw notFound(
            `There is no generation ${generation}; the present one is ${specs.generation()}.`,
          );
        const wanted = await history.asOf(generation);
        return change(
          wanted,
          withMessage(options, `back to generation ${generation}`),
          ({ author }) =>
            events.add({
              kind: 'generation-rolled-back',
              actor: `token:${author}`,
              subject: String(generation),
            }),
        );
      }),
  };
}

function requireSpec(specs: Specs, id: string): SpecView {
  const view = specs.get(id);
  if (!view) throw notFound(`There is no spec ${id}.`);
  return view;
}

function notFound(sentence: string): JamesError {
  return new JamesError('not-found', sentence);
}

function withMessage(options: ChangeOptions, message: string): ChangeOptions {
  return { ...options, message: options.message ?? message };
}

/** What a request to apply asks for; null: to be deleted. Throws `bad-document` if an id stands twice. */
function wantedBy({ documents, prune }: ApplyRequest, specs: Specs): Map<string, Spec | null> {
  const wanted = new Map<string, Spec | null>();
  for (const spec of documents) {
    if (wanted.has(spec.id))
      throw new JamesError('bad-document', `Spec ${spec.id} stands twice among the documents.`);
    wanted.set(spec.id, spec);
  }
  if (prune) for (const { id } of specs.all()) if (!wanted.has(id)) wanted.set(id, null);
  return wanted;
}

/** Those of the wanted documents that are not so already. */
function differences(
  specs: Specs,
  wanted: ReadonlyMap<string, Spec | null>,
): Map<string, Spec | null> {
  return new Map([...wanted].filter(([id, spec]) => textOf(presentOf(specs, id)) !== textOf(spec)));
}

function presentOf(specs: Specs, id: string): Spec | null {
  const view = specs.get(id);
  return view ? documentOf(view) : null;
}

function textOf(spec: Spec | null): string {
  return canonicalJson(spec);
}

/** What becomes of each document; revisions are those before the change. */
function resultsOf(
  specs: Specs,
  wanted: ReadonlyMap<string, Spec | null>,
  changes: ReadonlyMap<string, Spec | null>,
): ApplyResult['results'] {
  return [...wanted].flatMap(([id, after]) => {
    const before = presentOf(specs, id);
    if (!before && !after) return [];
    const kind = after ? (before ? 'updated' : 'created') : 'deleted';
    const revision = specs.get(id)?.revision ?? null;
    const change = changes.has(id) ? kind : 'unchanged';
    return [{ kind: 'Spec' as const, id, change, revision, before, after } as const];
  });
}

const eventOf = {
  created: 'spec-created',
  updated: 'spec-updated',
  deleted: 'spec-deleted',
} as const;

function tellChanges(events: Pick<Events, 'add'>, { author, changes }: GenerationView): void {
  for (const { id, revision, change } of changes) {
    if (change === 'unchanged') continue;
    const actor = `token:${author}`;
    events.add({ kind: eventOf[change], actor, subject: id, detail: `revision ${revision}` });
  }
}
