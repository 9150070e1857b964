import Type from 'typebox';
import { Labels } from '../../proto/labels.ts';
import { Found } from '../drift/packet-drift.ts';
import { HOLD_NAME, HoldView } from '../gates/hold-view.ts';

/**
 * What the hand tool and a running agent say to each other: one JSON line with a request, then JSON lines with what
 * scripts write, then one line with the result or the problem. A hold that lasts while somebody is there lasts as long as
 * its connection.
 */
const root = Type.Optional(Type.String());
const holdName = Type.String({ pattern: HOLD_NAME });
export const LocalRequest = Type.Union([
  Type.Object({ request: Type.Literal('install'), root, file: Type.String({ pattern: '^/' }) }),
  Type.Object({ request: Type.Literal('uninstall'), root, packet: Type.String() }),
  Type.Object({ request: Type.Literal('list'), root }),
  Type.Object({ request: Type.Literal('check'), root }),
  Type.Object({
    request: Type.Literal('hold'),
    root,
    name: holdName,
    /** Until it is released if not given. */
    forMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 * 86_400_000 })),
    whileConnected: Type.Optional(Type.Boolean()),
  }),
  Type.Object({ request: Type.Literal('release'), root, name: holdName }),
  Type.Object({ request: Type.Literal('holds'), root }),
]);
export type LocalRequest = Type.Static<typeof LocalRequest>;

export const LocalPacketShape = Type.Object({
  name: Type.String(),
  id: Type.String(),
  labels: Labels,
  origin: Type.Union([Type.Literal('plan'), Type.Literal('manual')]),
});

export const LocalReply = Type.Union([
  Type.Object({
    reply: Type.Literal('log'),
    source: Type.String(),
    lines: Type.Array(Type.String()),
  }),
  Type.Object({
    reply: Type.Literal('changed'),
    packet: LocalPacketShape,
    change: Type.Union([
      Type.Literal('installed'),
      Type.Literal('upgraded'),
      Type.Literal('removed'),
      Type.Literal('unchanged'),
    ]),
  }),
  Type.Object({ reply: Type.Literal('packets'), packets: Type.Array(LocalPacketShape) }),
  Type.Object({ reply: Type.Literal('found'), ...Found.properties }),
  Type.Object({ reply: Type.Literal('hold'), hold: HoldView }),
  Type.Object({ reply: Type.Literal('released'), released: Type.Boolean() }),
  Type.Object({ reply: Type.Literal('holds'), holds: Type.Array(HoldView) }),
  Type.Object({
    reply: Type.Literal('problem'),
    code: Type.String(),
    detail: Type.String(),
  }),
]);
export type LocalReply = Type.Static<typeof LocalReply>;

/** The name of the socket in the state directory. */
export const SOCKET_NAME = 'agent.sock';
/** A line longer than this ends the connection. */
export const MAX_LINE = 4 * 1024 * 1024;
