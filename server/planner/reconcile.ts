import type { Events } from '../events/events.ts';
import type { Devices } from '../registry/devices.ts';
import type { Bodies } from './bodies.ts';
import type { StoredPoint } from './core/point.ts';
import type { Deciding } from './deciding.ts';
import type { Fleet, Member } from './fleet.ts';
import type { PassResult } from './pass.ts';
import type { PointChange, Points } from './points.ts';
import type { Slices } from './slices.ts';

/** Makes points follow plans: decides, writes, and only then tells. */
export interface Reconcile {
  /** Reads the points of the store. */
  load(): Promise<void>;
  /** Gives what was read to the devices that are there. */
  adopt(): void;
  run(result: PassResult): Promise<void>;
  /** Carries out a removal that is held. False if there is none. */
  approve(device: string): Promise<boolean>;
  /** Takes changes into memory that were written. */
  applied(changes: readonly PointChange[]): void;
}

/** As many points as are written in one batch. */
const CHUNK = 5_000;

/** `changed` gets devices whose document changed or went, `publish` those of them that have to be told at once. */
export function createReconcile({
  fleet,
  points,
  bodies,
  deciding,
  devices,
  events,
  slices,
  changed,
  publish,
}: {
  fleet: Fleet;
  points: Points;
  bodies: Bodies;
  deciding: Deciding;
  devices: Devices;
  events: Pick<Events, 'add'>;
  slices: Slices;
  changed: (devices: readonly string[]) => void;
  publish: (devices: readonly string[]) => void;
}): Reconcile {
  let loaded = new Map<string, StoredPoint>();

  const applied = (changes: readonly PointChange[]): void => {
    for (const { device, point } of changes) {
      const member = fleet.member(device);
      if (member) member.point = point;
    }
    changed(changes.filter(isNewDocument).map(({ device }) => device));
    publish(changes.filter(isNewState).map(({ device }) => device));
    for (const change of changes) if (isHolding(change)) tellHeld(events, change.device);
  };

  /** Gives loaded points to the devices that are there; those that are left belong to devices that went. */
  const adopt = (): void => {
    for (const [device, point] of loaded) {
      const member = fleet.member(device);
      if (!member) continue;
      member.point ??= point;
      loaded.delete(device);
    }
  };

  const remove = (device: string): PointChange[] => {
    if (devices.get(device)) return [];
    const before = fleet.member(device)?.point ?? loaded.get(device);
    return before ? [{ device, before, point: null }] : [];
  };

  const removeAll = async (gone: readonly string[]): Promise<void> => {
    const ids = [...new Set([...gone, ...loaded.keys()])];
    await points.write(() => ids.flatMap(remove), applied);
    for (const id of ids) {
      loaded.delete(id);
      if (!devices.get(id)) fleet.remove(id);
    }
  };

  const decideAll = async (members: Iterable<Member>): Promise<void> => {
    let changes: PointChange[] = [];
    for (const member of members) {
      changes.push(...deciding.changes(member));
      if (changes.length >= CHUNK) {
        await writeAgain(changes);
        changes = [];
      }
      if (slices.due()) await slices.rest();
    }
    await writeAgain(changes);
  };

  /** Other writes may have come between: the decision counts that is made when it is this batch's turn. */
  const writeAgain = (changes: readonly PointChange[]): Promise<void> => {
    const current = (change: PointChange): PointChange[] => {
      const member = fleet.member(change.device);
      if (!member) return [];
      return member.point === change.before ? [change] : deciding.changes(member);
    };
    return points.write(() => changes.flatMap(current), applied);
  };

  return {
    applied,
    adopt,
    async load() {
      await bodies.load();
      loaded = await points.load();
      await bodies.collect();
    },
    async run({ members, gone }) {
      adopt();
      await removeAll(gone);
      await decideAll(members);
    },
    async approve(device) {
      const member = fleet.member(device);
      if (!member?.point?.held) return false;
      await points.write(() => (member.point?.held ? deciding.changes(member, true) : []), applied);
      return true;
    },
  };
}

function isNewDocument({ before, point }: PointChange): boolean {
  return (
    point === null ||
    before === null ||
    point.issuedAt !== before.issuedAt ||
    isNewState({ before, point })
  );
}

function isNewState({ before, point }: Pick<PointChange, 'before' | 'point'>): boolean {
  const isSame = point?.revision === before?.revision && point?.epoch === before?.epoch;
  return !isSame || point?.check !== before?.check;
}

function isHolding({ before, point }: PointChange): boolean {
  return point?.held === true && before?.held !== true;
}

function tellHeld(events: Pick<Events, 'add'>, device: string): void {
  events.add({
    kind: 'removal-held',
    actor: `device:${device}`,
    subject: device,
    detail:
      'The labels that the device gives would leave it with nothing; it keeps what it has until an operator approves the removal.',
  });
}
