import type { AskKind } from './core/point.ts';
import type { Deciding } from './deciding.ts';
import type { Fleet, Member } from './fleet.ts';
import type { PointChange, Points } from './points.ts';

/** Issues devices' present states once more because a person asks for it. */
export interface Asking {
  /** Resolves when that is durable; with false if the device has no desired state yet. Rejects with what the store throws. */
  ask(device: string, kind: AskKind): Promise<boolean>;
}

export function createAsking({
  fleet,
  points,
  deciding,
  applied,
}: {
  fleet: Fleet;
  points: Points;
  deciding: Deciding;
  applied: (changes: readonly PointChange[]) => void;
}): Asking {
  let waiting: { member: Member; kind: AskKind }[] = [];
  let next: Promise<void> | null = null;

  /** All who ask while a batch is being written share the next one; a device that is asked for twice is asked once. */
  const write = (): Promise<void> =>
    points.write(() => {
      const asked = waiting;
      waiting = [];
      next = null;
      const once = new Map(asked.map((one) => [`${one.kind} ${one.member.id}`, one]));
      return [...once.values()].flatMap(({ member, kind }) => deciding.again(member, kind));
    }, applied);

  return {
    async ask(device, kind) {
      const member = fleet.member(device);
      if (!member?.point) return false;
      waiting.push({ member, kind });
      next ??= write();
      await next;
      return true;
    },
  };
}
