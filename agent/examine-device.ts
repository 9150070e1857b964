import type { Clock } from '../proto/clock.ts';
import type { Examination, PacketExamination } from './drivers/device.ts';

/** Asks every packet that came, side by side; each as often as it says. Gives what is wrong in the end. */
export function createExamine({ clock }: { clock: Clock }) {
  const ask = async (one: PacketExamination, signal: AbortSignal): Promise<string | null> => {
    for (let tries = 0; ; tries += 1) {
      const wrong = await one.ask(one.timeoutMs, signal);
      if (wrong === null || tries >= one.retries) return wrong;
      await clock.sleep(one.intervalMs, signal);
    }
  };
  return async ({ packets }: Examination, signal: AbortSignal): Promise<string[]> => {
    const wrong = await Promise.all(packets.map((one) => ask(one, signal)));
    return wrong.filter((sentence) => sentence !== null);
  };
}
