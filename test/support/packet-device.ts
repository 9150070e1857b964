import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Surroundings } from '../../agent/drivers/device.ts';
import { createTransactions } from '../../agent/drivers/transactions.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createCommands } from '../../agent/system/commands.ts';
import type { Files } from '../../agent/system/files.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { randomId } from '../../agent/system/random-id.ts';
import { currentUser } from '../../agent/system/user.ts';
import type { Outcome, Reporter, Target } from '../../agent/transaction.ts';
import { buildPacket } from '../../proto/archive/build-packet.ts';
import type { PacketLine, WantedPacket } from '../../proto/desired.ts';
import { JamesError } from '../../proto/errors.ts';
import { silentLog } from '../../proto/log.ts';
import type { Control } from '../../proto/packet.ts';
import { surroundings } from './surroundings.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What stands at a path of a packet: text of a file, or something else. */
export type Content =
  | string
  | { text: string; mode?: number; time?: number }
  | { link: string; time?: number }
  | { same: string }
  | { directory: number; time?: number };

export interface TestPacket {
  name: string;
  labels?: Record<string, string>;
  depends?: string[];
  config?: string[];
  data?: Record<string, Content>;
  scripts?: Record<string, string>;
  /** Further keys of control.yaml. */
  control?: Pick<Control, 'driver' | 'health' | 'reboot'>;
}

const TIME = 1_500_000_000;

/** Puts content below a directory, parents made as needed, all with fixed times. */
export function putContent(root: string, data: Record<string, Content>): void {
  const directories: [string, number][] = [];
  for (const [path, content] of Object.entries(data)) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    const time = (typeof content === 'object' && 'time' in content && content.time) || TIME;
    if (typeof content === 'string') writeFileSync(place, content);
    else if ('text' in content) writeFileSync(place, content.text);
    else if ('link' in content) symlinkSync(content.link, place);
    else if ('same' in content) linkSync(join(root, content.same), place);
    else mkdirSync(place, { recursive: true });
    if (typeof content === 'object' && 'text' in content) chmodSync(place, content.mode ?? 0o644);
    if (typeof content === 'object' && 'directory' in content) {
      chmodSync(place, content.directory);
      directories.push([place, time]);
    } else lutimesSync(place, time, time);
  }
  for (const [place, time] of directories.reverse()) utimesSync(place, time, time);
}

/** A device with a root and a state directory, and packets that are built for it. */
export interface PacketDevice {
  root: string;
  state: string;
  /** Every phase that was told, and every line that scripts wrote. */
  phases: string[];
  lines: string[];
  build(packet: TestPacket): Promise<WantedPacket>;
  fileOf(packet: WantedPacket): string;
  converge(lines: readonly PacketLine[], options?: ConvergeOptions): Promise<Outcome>;
  parts(files?: Files): ReturnType<typeof createTransactions>;
}

export interface ConvergeOptions {
  files?: Files;
  signal?: AbortSignal;
}

/** `around`: what stands around a device with these files, where it is not what stands around all. */
export function createPacketDevice(
  base = temporaryDirectory(),
  around: (files: Files) => Partial<Surroundings> = () => ({}),
): PacketDevice {
  const [root, state, packets] = [join(base, 'root'), join(base, 'state'), join(base, 'packets')];
  for (const directory of [root, packets]) mkdirSync(directory, { recursive: true });
  const phases: string[] = [];
  const lines: string[] = [];
  const clock = createClock();
  let revision = 0;

  const reporter: Reporter = {
    phase: (phase) => phases.push(phase),
    progress: () => undefined,
    log: (log) => lines.push(...log.lines.map((line) => `${log.source}: ${line}`)),
  };
  const fileOf = ({ id }: WantedPacket): string => join(packets, `${id.slice(7)}.jpk`);

  const parts = (files = createNodeFiles()) =>
    createTransactions({
      root,
      state,
      files,
      commands: createCommands({ clock }),
      downloads: {
        fetch: (packet) => Promise.resolve(fileOf(packet)),
        retain: () => Promise.resolve(),
      },
      clock,
      log: silentLog,
      user: currentUser(),
      newId: randomId,
      scriptTimeoutMs: 5000,
      packages: null,
      surroundings: surroundings(around(files)),
    });

  return {
    root,
    state,
    phases,
    lines,
    fileOf,
    parts,
    build: (packet) => buildTestPacket(base, packets, packet),
    async converge(packetLines, { files, signal = new AbortController().signal } = {}) {
      revision += 1;
      const { transactions } = parts(files);
      return await transactions.converge(targetOf(revision, packetLines), reporter, signal);
    },
  };
}

export const targetOf = (revision: number, packets: readonly PacketLine[]): Target => ({
  epoch: 'e',
  revision,
  digest: `sha256:${createHash('sha256').update(JSON.stringify(packets)).digest('hex')}`,
  packets: [...packets],
  lock: null,
  sources: [],
  policy: {},
});

async function buildTestPacket(
  base: string,
  packets: string,
  {
    name,
    labels = {},
    depends = [],
    config,
    data = {},
    scripts = {},
    control: more = {},
  }: TestPacket,
): Promise<WantedPacket> {
  const directory = join(base, 'sources', randomId());
  mkdirSync(join(directory, 'data'), { recursive: true });
  const control = { name, labels, depends: depends.map((needed) => ({ name: needed })), ...more };
  writeFileSync(
    join(directory, 'control.yaml'),
    stringify({ ...control, ...(config && { config }) }),
  );
  putContent(join(directory, 'data'), data);
  for (const [script, text] of Object.entries(scripts)) {
    putContent(join(directory, 'scripts'), { [script]: text });
  }
  const file = join(directory, 'out.jpk');
  const { id, size } = await buildPacket(directory, file, { keepOwner: true });
  writeFileSync(join(packets, `${id.slice(7)}.jpk`), readFileSync(file));
  const reason = { spec: 'test', revision: 1 };
  return { name, id, labels, size, url: `/v1/packets/${id}/content`, reason };
}

/** The error of a failed outcome; throws if it did not fail. */
export function failureOf(outcome: Outcome): Outcome & { kind: 'failed' } {
  if (outcome.kind === 'failed') return outcome;
  throw new JamesError('internal', `expected a failure, got ${outcome.kind}`);
}
