import Type from 'typebox';
import type { TokenView } from '../../proto/api.ts';
import { requireValid } from '../../proto/check.ts';
import { Labels } from '../../proto/labels.ts';
import type { Entry } from '../store/store.ts';

const nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A token as it stands in the store; the token itself is nowhere. */
const TokenRecord = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('operator'), Type.Literal('join')]),
  /** SHA-256 of the token's text, base64url. */
  hash: Type.String(),
  description: nullable(Type.String()),
  labels: Labels,
  usesLeft: nullable(Type.Integer({ minimum: 0 })),
  expiresAt: nullable(Type.String()),
  createdAt: Type.String(),
});
export type TokenRecord = TokenView & { hash: string };

export function readTokenRecord(entry: Entry): TokenRecord {
  return requireValid(TokenRecord, JSON.parse(entry.value), entry.key, 'internal') as TokenRecord;
}

/** The record as people see it. */
export function tokenView({ hash: _hash, ...view }: TokenRecord): TokenView {
  return view;
}
