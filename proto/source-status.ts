import Type from 'typebox';
import { Id, Timestamp } from './ids.ts';

export const SOURCE_STATUS_SCHEMA = 'jamesd.source-status/1';

const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

const common = {
  id: Id,
  /** `off`: no index is fetched (`metadata: false`). `new`: no refresh has ended yet. */
  state: Type.Union([
    Type.Literal('ready'),
    Type.Literal('failed'),
    Type.Literal('new'),
    Type.Literal('off'),
  ]),
  refreshing: Type.Boolean(),
  /** The last refresh that ended well, the last that ended, and when the next is due. */
  lastGoodAt: Nullable(Timestamp),
  lastTriedAt: Nullable(Timestamp),
  nextAt: Nullable(Timestamp),
  /** Why the last refresh failed. What was read before stays in use. */
  error: Nullable(Type.Object({ code: Type.String(), detail: Type.String() })),
  packages: Type.Integer(),
  /** Of memory. */
  bytes: Type.Integer(),
};

/** On `sources/{source}/status`: `line` is the last line of progress, null if there is none. */
export const SourceStatusMessage = Type.Object({
  schema: Type.Literal(SOURCE_STATUS_SCHEMA),
  ...common,
  line: Nullable(Type.String({ maxLength: 4096 })),
});
export type SourceStatusMessage = Type.Static<typeof SourceStatusMessage>;

/** `GET sources/{id}/status`. */
export const SourceStatusView = Type.Object({
  ...common,
  indexes: Type.Array(
    Type.Object({
      url: Type.String(),
      component: Nullable(Type.String()),
      arch: Nullable(Type.String()),
      packages: Type.Integer(),
      bytes: Type.Integer(),
      digest: Type.String(),
      date: Nullable(Timestamp),
      validUntil: Nullable(Timestamp),
      fetchedAt: Timestamp,
    }),
  ),
});
export type SourceStatusView = Type.Static<typeof SourceStatusView>;

/** How a refresh of a source ended. `skipped`: there was nothing to do. */
export interface SourceOutcome {
  source: string;
  result: 'updated' | 'unchanged' | 'failed' | 'skipped';
  error: { code: string; detail: string } | null;
  packages: number;
}

/** A line of the answer of `POST sources/refresh`: progress as it comes, and the result as the last one. */
export type RefreshLine =
  | { source: string | null; line: string }
  | { result: { outcomes: SourceOutcome[]; failed: number } };
