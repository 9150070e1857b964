import type { DeviceView, Explanation } from '../../proto/api.ts';
import type { LogLines, Progress } from '../../proto/messages.ts';
import { type DeviceChannel, deviceTopic } from '../../proto/topics.ts';
import type { Api } from './api.ts';
import type { Connection } from './connection.ts';
import type { Versions } from './versions.ts';

/** One device as the details show it; `view` is null until it is read. */
export interface DetailState {
  device: string;
  view: DeviceView | null;
  explanation: Explanation | null;
  progress: Progress | null;
  log: readonly string[];
  /** Why it could not be read, or null. */
  failure: string | null;
}

export interface Detail {
  open(device: string): void;
  close(): void;
  /** Reads the device again, if one is open; calls while a read is under way are joined into one more. */
  refresh(): void;
  onMessage(topic: { device: string; channel: DeviceChannel }, message: unknown): void;
}

interface Options {
  api: Api;
  versions: Versions;
  connection: Connection;
  onChange(state: DetailState | null): void;
}

const CHANNELS: readonly DeviceChannel[] = ['reported', 'presence', 'progress', 'log'];
const MAX_LOG_LINES = 200;

/** The details of one device at a time, live by its named topics. */
export function createDetail({ api, versions, connection, onChange }: Options): Detail {
  let state: DetailState | null = null;
  let unwatch = (): void => {};
  let busy = false;
  let again = false;

  function set(change: Partial<DetailState>): void {
    if (!state) return;
    state = { ...state, ...change };
    onChange(state);
  }

  async function read(): Promise<void> {
    if (busy || !state) {
      again = busy;
      return;
    }
    busy = true;
    const { device } = state;
    try {
      const [view, explanation] = await Promise.all([
        api.device(device),
        api.explain(device).catch(() => null),
      ]);
      await versions.learn(view.reported?.packets ?? []);
      if (state?.device === device) set({ view, explanation, failure: null });
    } catch (error) {
      if (state?.device === device)
        set({ failure: error instanceof Error ? error.message : String(error) });
    } finally {
      busy = false;
    }
    if (again || state?.device !== device) {
      again = false;
      void read();
    }
  }

  function close(): void {
    unwatch();
    state = null;
    onChange(null);
  }

  return {
    open(device) {
      if (state?.device === device) return;
      unwatch();
      state = { device, view: null, explanation: null, progress: null, log: [], failure: null };
      onChange(state);
      unwatch = connection.watch(CHANNELS.map((channel) => deviceTopic(device, channel)));
      void read();
    },
    close,
    refresh: () => void read(),
    onMessage({ device, channel }, message) {
      if (state?.device !== device) return;
      if (channel === 'progress') set({ progress: message as Progress });
      else if (channel === 'log') {
        const { lines } = message as LogLines;
        set({ log: [...state.log, ...lines].slice(-MAX_LOG_LINES) });
      } else void read();
    },
  };
}
