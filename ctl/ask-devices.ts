import type { DeviceView } from '../proto/api.ts';
import { JamesError } from '../proto/errors.ts';
import type { Selector } from '../proto/selector.ts';
import type { Client } from './client.ts';
import type { Context } from './command.ts';
import { EXIT_DONE, EXIT_FAILED } from './exit-status.ts';
import { any, flag, selector, usage } from './option.ts';
import { counted } from './print/impact-view.ts';
import { bad, dim, good, strong, type Text } from './print/text.ts';
import { lines, table, type View } from './print/view.ts';
import type { Result } from './result.ts';

/** Which devices are asked. */
export const askArguments = { devices: any('device', 'their ids', 'device') };
export const askOptions = {
  selector: selector('-l, --selector <selector>', 'devices whose labels it accepts'),
  all: flag('--all', 'every device'),
};
interface Asked {
  devices: readonly string[];
  selector: Selector | undefined;
  all: boolean;
}

/** What devices are asked, and which of those that nobody named need not be. */
export interface Question {
  ask(client: Client, device: string): Promise<DeviceView>;
  /** Why a device is passed over, as the rest of a sentence; null: it is asked. */
  spare(device: DeviceView): string | null;
  /** What is asked, as the rest of a sentence that begins with "is asked". */
  words: string;
}

/** What became of the question to one device. `reason`: why it was not asked. */
interface Answer {
  id: string;
  asked: boolean;
  /** The revision that it is to have now; null if it was not asked. */
  revision: number | null;
  reason: string | null;
  failed: boolean;
}

const AT_ONCE = 16;

/** Asks each device, and goes on where one refuses; then the status is 1. One named alone is an error of its own. */
export async function askDevices(
  { devices, selector, all }: Asked,
  { ask, spare, words }: Question,
  context: Context,
): Promise<Result> {
  if (Number(devices.length > 0) + Number(selector !== undefined) + Number(all) !== 1)
    throw usage('Give devices, a selector (-l), or --all.');
  const client = await context.client();
  const named = [...new Set(devices)].map((id) => ({ id, why: null }));
  const targets = devices.length > 0 ? named : await found(client, selector, spare);
  const answers = await inTurns(targets, async ({ id, why }): Promise<Answer> => {
    if (why !== null) return { id, asked: false, revision: null, reason: why, failed: false };
    try {
      const { desired } = await ask(client, id);
      const revision = desired?.revision ?? null;
      return { id, asked: true, revision, reason: null, failed: false };
    } catch (error) {
      if (targets.length === 1 || !(error instanceof JamesError)) throw error;
      const reason = `${error.message} (${error.code})`;
      return { id, asked: false, revision: null, reason, failed: true };
    }
  });
  const asked = answers.filter((answer) => answer.asked);
  return {
    data: { asked: asked.length, devices: answers },
    view: answersView(answers, `${verbOf(asked.length)} ${words}.`),
    names: asked.map(({ id }) => id),
    status: answers.some(({ failed }) => failed) ? EXIT_FAILED : EXIT_DONE,
  };
}

async function found(
  client: Client,
  selector: Selector | undefined,
  spare: Question['spare'],
): Promise<{ id: string; why: string | null }[]> {
  const devices = await client.devices({ selector });
  if (devices.length > 0) return devices.map((device) => ({ id: device.id, why: spare(device) }));
  const none = selector ? 'No device has such labels.' : 'There are no devices.';
  throw new JamesError('not-found', none);
}

/** Results in the order of the items; a few are under way at a time. The first that throws ends it. */
async function inTurns<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) values[index] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return values;
}

function verbOf(count: number): string {
  return `${counted(count, 'device')} ${count === 1 ? 'is' : 'are'} asked`;
}

function answersView(answers: readonly Answer[], sentence: string): View {
  const rows = answers.map(({ id, asked, revision, reason, failed }): Text[] => [
    strong(id),
    asked ? good('yes') : failed ? bad('no') : dim('no'),
    revision === null ? '-' : String(revision),
    reason ?? '',
  ]);
  const columns = [
    { title: 'ID', keep: true },
    { title: 'ASKED' },
    { title: 'REVISION', align: 'right' as const },
    { title: 'WHY NOT', wrap: true },
  ];
  return [table(columns, rows, ''), lines(sentence)];
}
