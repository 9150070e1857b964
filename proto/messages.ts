import Type from 'typebox';
import { Id, Timestamp } from './ids.ts';
import { Phase } from './reported.ts';

export const PRESENCE_SCHEMA = 'jamesd.presence/1';
export const PROGRESS_SCHEMA = 'jamesd.progress/1';
export const LOG_SCHEMA = 'jamesd.log/1';
export const SUMMARY_SCHEMA = 'jamesd.summary/1';
export const CHANGES_SCHEMA = 'jamesd.changes/1';
export const SPEC_STATUS_SCHEMA = 'jamesd.spec-status/1';

/** How a device is reached at present. */
export const Transport = Type.Union([Type.Literal('mqtt'), Type.Literal('http')]);
export type Transport = Type.Static<typeof Transport>;

export const Presence = Type.Object({
  schema: Type.Literal(PRESENCE_SCHEMA),
  online: Type.Boolean(),
  since: Timestamp,
  transport: Type.Union([Transport, Type.Null()]),
});
export type Presence = Type.Static<typeof Presence>;

/** One step under way: `packet` names it, `bytes` of `total` are done, `percent` is 0 to 100. */
export const Progress = Type.Object({
  schema: Type.Literal(PROGRESS_SCHEMA),
  step: Type.String({ maxLength: 64 }),
  packet: Type.Optional(Type.String({ maxLength: 256 })),
  bytes: Type.Optional(Type.Integer({ minimum: 0 })),
  total: Type.Optional(Type.Integer({ minimum: 0 })),
  percent: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
});
export type Progress = Type.Static<typeof Progress>;

/** The last lines of a script or a driver. */
export const LogLines = Type.Object({
  schema: Type.Literal(LOG_SCHEMA),
  source: Type.String({ maxLength: 256 }),
  lines: Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 200 }),
});
export type LogLines = Type.Static<typeof LogLines>;

/** Counts over the fleet. `specs` and `packets` are cut to the 100 with most devices. */
export const Summary = Type.Object({
  schema: Type.Literal(SUMMARY_SCHEMA),
  at: Timestamp,
  devices: Type.Integer(),
  online: Type.Integer(),
  converged: Type.Integer(),
  problems: Type.Integer(),
  phases: Type.Record(Type.String(), Type.Integer()),
  specs: Type.Array(Type.Object({ id: Id, devices: Type.Integer(), converged: Type.Integer() })),
  packets: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      version: Type.Union([Type.String(), Type.Null()]),
      devices: Type.Integer(),
    }),
  ),
});
export type Summary = Type.Static<typeof Summary>;

/** One row of the device table, as `fleet/changes` carries it and a list can be cut down to. */
export const DeviceRow = Type.Object({
  id: Id,
  labels: Type.Record(Type.String(), Type.String()),
  online: Type.Boolean(),
  transport: Type.Union([Transport, Type.Null()]),
  phase: Phase,
  reason: Type.Union([Type.String(), Type.Null()]),
  /** When the phase may end by itself; absent: nobody knows. */
  retryAt: Type.Optional(Type.String()),
  /** A reboot is left to a person. */
  rebootPending: Type.Optional(Type.Literal(true)),
  converged: Type.Boolean(),
  revision: Type.Union([Type.Integer(), Type.Null()]),
  problems: Type.Integer(),
  packets: Type.Array(
    Type.Object({
      name: Type.String(),
      version: Type.Union([Type.String(), Type.Null()]),
      status: Type.String(),
    }),
  ),
});
export type DeviceRow = Type.Static<typeof DeviceRow>;

/** Devices that changed since the last message; `removed` are gone. At most 500 rows: `truncated` says there were more. */
export const Changes = Type.Object({
  schema: Type.Literal(CHANGES_SCHEMA),
  at: Timestamp,
  devices: Type.Array(DeviceRow, { maxItems: 500 }),
  removed: Type.Array(Id),
  truncated: Type.Boolean(),
});
export type Changes = Type.Static<typeof Changes>;

/** How far a spec is. */
export const SpecStatus = Type.Object({
  schema: Type.Literal(SPEC_STATUS_SCHEMA),
  spec: Id,
  revision: Type.Integer(),
  devices: Type.Integer(),
  converged: Type.Integer(),
  failed: Type.Integer(),
  problems: Type.Integer(),
});
export type SpecStatus = Type.Static<typeof SpecStatus>;
