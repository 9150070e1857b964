import Type from 'typebox';
import { DevicePolicy, DownloadPolicy } from './device-policy.ts';
import { Health } from './health.ts';
import { Id, PacketName } from './ids.ts';
import { Labels } from './labels.ts';
import { PackageLine } from './package-line.ts';
import { Selector } from './selector.ts';
import { VersionRange } from './version-range.ts';
import { Inhibit, Windows } from './windows.ts';

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
    packages: Type.Optional(Type.Array(PackageLine, { maxItems: 4096 })),
    /** `manual`: uploads and refreshed sources make a proposal; nothing changes until it is promoted. */
    updates: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('manual')])),
    /** False: no prerequisites of packages are added. */
    resolver: Type.Optional(Type.Boolean()),
    /** `auto`: the device's package manager picks versions. */
    version: Type.Optional(Type.Union([Type.Literal('locked'), Type.Literal('auto')])),
    /** Whether what packages recommend is added; overrides the sources. */
    recommended: Type.Optional(Type.Boolean()),
    downgrade: Type.Optional(Type.Boolean()),
    /** `remove`: packages that nobody asked for. */
    unmanaged: Type.Optional(Type.Union([Type.Literal('keep'), Type.Literal('remove')])),
    /** What must hold after a change, or it is taken back. */
    health: Type.Optional(Health),
    windows: Type.Optional(Windows),
    /** What holds changes back: one thing, or any of several. */
    inhibit: Type.Optional(Type.Union([Inhibit, Type.Array(Inhibit, { maxItems: 64 })])),
    downloads: Type.Optional(DownloadPolicy),
    irreversible: DevicePolicy.properties.irreversible,
    drift: DevicePolicy.properties.drift,
    reboot: DevicePolicy.properties.reboot,
  },
  { additionalProperties: false },
);
export interface Spec {
  id: string;
  target: Selector;
  priority?: number;
  apps?: App[];
  packages?: PackageLine[];
  updates?: 'auto' | 'manual';
  resolver?: boolean;
  version?: 'locked' | 'auto';
  recommended?: boolean;
  downgrade?: boolean;
  unmanaged?: 'keep' | 'remove';
  health?: Health;
  windows?: Windows;
  inhibit?: Inhibit | Inhibit[];
  downloads?: DownloadPolicy;
  irreversible?: 'refuse' | 'allow';
  drift?: 'report' | 'repair';
  reboot?: 'auto' | 'never';
}

/** Fields of a spec that the design knows and this release does not build yet: refused as `unsupported`. */
export const UNSUPPORTED_SPEC_KEYS = ['rollout'] as const;

/** Kinds of documents that the design knows and this release does not build yet. */
export const UNSUPPORTED_KINDS = ['Rollout'] as const;
