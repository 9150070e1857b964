import Type from 'typebox';
import { PackagePolicy } from './desired-source.ts';
import { Health, HealthCheck } from './health.ts';
import { Inhibit, TimeOfDay, Windows } from './windows.ts';

const RATE_PATTERN = '^[1-9][0-9]{0,5}(B|kB|MB)/s$';
/** Bytes in a second: `500kB/s`, `2MB/s`. */
export const Rate = Type.String({ pattern: RATE_PATTERN });

/** A rate of the form of `Rate` in bytes in a second; `kB` is 1,000 bytes, `MB` 1,000,000. */
export function bytesPerSecond(rate: string): number {
  const factor = rate.endsWith('MB/s') ? 1_000_000 : rate.endsWith('kB/s') ? 1_000 : 1;
  return Number.parseInt(rate, 10) * factor;
}

/** A span of the day in the device's time zone, over midnight if `to` is before `from`. */
export const RateSpan = Type.Object(
  { from: TimeOfDay, to: TimeOfDay, rate: Rate },
  { additionalProperties: false },
);
export interface RateSpan {
  from: string;
  to: string;
  rate: string;
}

/** How a device downloads. */
export const DownloadPolicy = Type.Object(
  {
    /** Further addresses of packet files, tried after the server; `{hex}` stands for the digits of the packet's id. */
    mirrors: Type.Optional(
      Type.Array(Type.String({ pattern: '^https?://.*\\{hex\\}', maxLength: 2048 }), {
        maxItems: 16,
      }),
    ),
    /** At most so many bytes in a second, always or by the time of day; outside of the spans there is no limit. */
    rate: Type.Optional(Type.Union([Rate, Type.Array(RateSpan, { minItems: 1, maxItems: 24 })])),
    /** So many times a packet's size may be received for it before its download has failed; 3 if not given. */
    budget: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
export interface DownloadPolicy {
  mirrors?: string[];
  rate?: string | RateSpan[];
  budget?: number;
}

/** Of a list to which every spec of a device may add. */
const MAX_MERGED = 4096;

/** How a device goes about what it has to do; each member may be left out. */
export const DevicePolicy = Type.Object({
  packages: Type.Optional(PackagePolicy),
  health: Type.Optional(
    Type.Object({
      ...Health.properties,
      checks: Type.Array(HealthCheck, { minItems: 1, maxItems: MAX_MERGED }),
    }),
  ),
  /** Downloading, or applying, is allowed while each of them allows it. */
  windows: Type.Optional(Type.Array(Windows, { minItems: 1, maxItems: MAX_MERGED })),
  inhibit: Type.Optional(Type.Array(Inhibit, { minItems: 1, maxItems: MAX_MERGED })),
  downloads: Type.Optional(DownloadPolicy),
  /** `allow`: also what cannot be taken back is applied. */
  irreversible: Type.Optional(Type.Union([Type.Literal('refuse'), Type.Literal('allow')])),
  /** `repair`: what was changed on the device is put back. */
  drift: Type.Optional(Type.Union([Type.Literal('report'), Type.Literal('repair')])),
  /** `never`: what asks for a reboot is told, and a person reboots. */
  reboot: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('never')])),
});
export interface DevicePolicy {
  packages?: PackagePolicy;
  health?: Health;
  windows?: Windows[];
  inhibit?: Inhibit[];
  downloads?: DownloadPolicy;
  irreversible?: 'refuse' | 'allow';
  drift?: 'report' | 'repair';
  reboot?: 'auto' | 'never';
}

/** The members of a policy that come from specs' fields of the same name. */
export const policyFields = [
  'health',
  'windows',
  'inhibit',
  'downloads',
  'irreversible',
  'drift',
  'reboot',
] as const satisfies readonly (keyof DevicePolicy)[];
export type PolicyField = (typeof policyFields)[number];

/** The features that an agent must have for a policy: without them it would do what the policy forbids. */
export function featuresOf(policy: DevicePolicy): string[] {
  const named = ['health', 'windows', 'inhibit'] as const;
  return named.filter((name) => policy[name] !== undefined).map((name) => `${name}/1`);
}
