import Type from 'typebox';
import { PackagePolicy } from './desired-source.ts';
import { Health } from './health.ts';
import { Inhibit, TimeOfDay, Windows } from './windows.ts';

/** Bytes in a second: `500kB/s`, `2MB/s`. */
export const Rate = Type.String({ pattern: '^[1-9][0-9]{0,5}(B|kB|MB)/s$' });

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
    rate: Type.Optional(
      Type.Union([
        Rate,
        Type.Array(
          Type.Object(
            { from: TimeOfDay, to: TimeOfDay, rate: Rate },
            { additionalProperties: false },
          ),
          { minItems: 1, maxItems: 24 },
        ),
      ]),
    ),
    /** So many times a packet's size may be received for it before its download has failed; 3 if not given. */
    budget: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
export interface DownloadPolicy {
  mirrors?: string[];
  rate?: string | { from: string; to: string; rate: string }[];
  budget?: number;
}

/** How a device goes about what it has to do; each member may be left out. */
export const DevicePolicy = Type.Object({
  packages: Type.Optional(PackagePolicy),
  health: Type.Optional(Health),
  windows: Type.Optional(Windows),
  inhibit: Type.Optional(Type.Array(Inhibit, { maxItems: 64 })),
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
  windows?: Windows;
  inhibit?: Inhibit[];
  downloads?: DownloadPolicy;
  irreversible?: 'refuse' | 'allow';
  drift?: 'report' | 'repair';
  reboot?: 'auto' | 'never';
}

/** The features that an agent must have for a policy: without them it would do what the policy forbids. */
export function featuresOf(policy: DevicePolicy): string[] {
  const named = ['health', 'windows', 'inhibit'] as const;
  return named.filter((name) => policy[name] !== undefined).map((name) => `${name}/1`);
}
