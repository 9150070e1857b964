import type { ChangeKind, SpecView } from '../proto/document-views.ts';
import { JamesError } from '../proto/errors.ts';
import type { Spec } from '../proto/spec.ts';
import { changeOf } from './change-options.ts';
import type { Change, Client } from './client.ts';
import type { Context } from './command.ts';
import { readDocumentsOf } from './documents.ts';
import { usage } from './option.ts';
import { strong } from './print/text.ts';
import { table } from './print/view.ts';
import type { Result } from './result.ts';

const MOST_ATTEMPTS = 3;

/** `upsert` creates what is not there; `update` refuses it with `not-found`. */
export type StoreMode = 'upsert' | 'update';

/** Reads all documents before it writes any; then writes one after the other. */
export async function storeSpecs(
  paths: readonly string[],
  mode: StoreMode,
  options: Change & { ifMatch: number | undefined },
  context: Context,
): Promise<Result> {
  if (paths.length === 0) throw usage('Name a file, a directory, or - for stdin.');
  const specs = await readDocumentsOf('Spec', paths, context);
  if (options.ifMatch !== undefined && specs.length > 1)
    throw usage('--if-match goes with one document only.');
  const client = await context.client();
  const stored: { spec: SpecView; change: ChangeKind }[] = [];
  for (const spec of specs) stored.push(await storeSpec(spec, mode, options, client));
  return {
    data: stored.map(({ spec }) => spec),
    view: table(
      [{ title: 'ID' }, { title: 'CHANGE' }, { title: 'REVISION', align: 'right' }],
      stored.map(({ spec, change }) => [strong(spec.id), change, String(spec.revision)]),
      '',
    ),
    names: stored.map(({ spec }) => spec.id),
  };
}

/** Without an expected revision of the person's, one that another changes at the same moment is read again. */
async function storeSpec(
  spec: Spec,
  mode: StoreMode,
  options: Change & { ifMatch: number | undefined },
  client: Client,
): Promise<{ spec: SpecView; change: ChangeKind }> {
  for (let attempt = 1; ; attempt += 1) {
    const present = await revisionOf(spec.id, client);
    if (present === undefined && (mode === 'update' || options.ifMatch !== undefined))
      throw new JamesError(
        'not-found',
        `There is no spec ${spec.id} to update; spec upload creates it.`,
      );
    try {
      const expected = options.ifMatch ?? present;
      const view = await client.putDocument('Spec', spec, expected, changeOf(options));
      return { spec: view, change: changeKind(present, view.revision) };
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || options.ifMatch !== undefined || !isRace(error)) throw error;
    }
  }
}

/** The present revision of a spec, or undefined if there is none. */
export async function revisionOf(id: string, client: Client): Promise<number | undefined> {
  try {
    return (await client.document('Spec', id)).revision;
  } catch (error) {
    if (error instanceof JamesError && error.code === 'not-found') return undefined;
    throw error;
  }
}

function changeKind(before: number | undefined, after: number): ChangeKind {
  if (before === undefined) return 'created';
  return before === after ? 'unchanged' : 'updated';
}

function isRace(error: unknown): boolean {
  return (
    error instanceof JamesError &&
    ['precondition-failed', 'precondition-required'].includes(error.code)
  );
}
