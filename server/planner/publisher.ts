import type { Bus } from '../../broker/bus.ts';
import type { Log } from '../../proto/log.ts';
import { deviceTopic } from '../../proto/topics.ts';
import type { Slices } from './slices.ts';

/** Hands desired states to the bus, in the background. A device that waits already is not queued twice. */
export interface Publisher {
  add(devices: Iterable<string>): void;
  /** Resolves when all that was added before is handed to the bus. */
  flushed(): Promise<void>;
  /** Drops what waits; resolves when what is under way is done. Every device gets its state when it subscribes again. */
  stop(): Promise<void>;
}

const MAX_OUTSTANDING = 256;
const nothing = new Uint8Array();

/** `message` gives what a device is to be sent now; undefined clears its topic. */
export function createPublisher({
  bus,
  message,
  slices,
  log,
}: {
  bus: Pick<Bus, 'publish'>;
  message: (device: string) => Uint8Array | undefined;
  slices: Slices;
  log: Log;
}): Publisher {
  const waiting = new Set<string>();
  let outstanding = 0;
  let running = false;
  /** Called when a delivery is over. */
  let freed = (): void => {};
  let idle: (() => void)[] = [];

  const tellIdle = (): void => {
    if (running || outstanding > 0) return;
    for (const resolve of idle) resolve();
    idle = [];
  };

  const send = async (device: string): Promise<void> => {
    outstanding += 1;
    try {
      const payload = message(device) ?? nothing;
      const topic = deviceTopic(device, 'desired');
      await bus.publish({ topic, payload, qos: 1, retain: true });
    } catch (error) {
      log.warn({ device, err: error }, 'A desired state was not published.');
    }
    outstanding -= 1;
    freed();
    tellIdle();
  };

  const run = async (): Promise<void> => {
    running = true;
    for (const device of waiting) {
      waiting.delete(device);
      void send(device);
      while (outstanding >= MAX_OUTSTANDING)
        await new Promise<void>((resolve) => {
          freed = resolve;
        });
      if (slices.due()) await slices.rest();
    }
    running = false;
    tellIdle();
  };

  const flushed = (): Promise<void> =>
    running || outstanding > 0 ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve();

  return {
    add(devices) {
      for (const device of devices) waiting.add(device);
      if (waiting.size > 0 && !running) void run();
    },
    flushed,
    async stop() {
      waiting.clear();
      await flushed();
    },
  };
}
