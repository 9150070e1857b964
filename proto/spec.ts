import Type from 'typebox';
import { Id, PacketName } from './ids.ts';
import { Labels } from './labels.ts';
import { Selector } from './selector.ts';
import { VersionRange } from './version-range.ts';

/** A line of a spec: a packet's name with the labels it must carry, or a range for its version. */
export const App = Type.Object(
  { name: PacketName, labels: Type.Optional(Labels), version: Type.Optional(VersionRange) },
  { additionalProperties: false },
);
export type App = { name: string; labels?: Labels; version?: string };

/** What software the devices that the target selects should have. */
export const Spec = Type.Object(
  {
    kind: Type.Optional(Type.Literal('Spec')),
    id: Id,
    target: Selector,
    priority: Type.Optional(Type.Integer({ minimum: -1_000_000, maximum: 1_000_000 })),
    apps: Type.Optional(Type.Array(App, { maxItems: 1024 })),
  },
  { additionalProperties: false },
);
export interface Spec {
  id: string;
  target: Selector;
  priority?: number;
  apps?: App[];
}

/** Fields of a spec that the design knows and this release does not build yet: refused as `unsupported`. */
export const UNSUPPORTED_SPEC_KEYS = [
  'packages',
  'updates',
  'resolver',
  'version',
  'downgrade',
  'unmanaged',
  'drift',
  'irreversible',
  'health',
  'windows',
  'inhibit',
  'rollout',
] as const;

/** Kinds of documents that the design knows and this release does not build yet. */
export const UNSUPPORTED_KINDS = ['Source', 'Rollout'] as const;
