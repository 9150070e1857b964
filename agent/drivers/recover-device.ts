import { errorCatalogue, isErrorCode, JamesError } from '../../proto/errors.ts';
import { recoveryOf, type Written, writtenIn } from '../core/recover.ts';
import type { Outcome, Recovered } from '../transaction.ts';
import { type Course, createCourse } from './course.ts';
import type { Device } from './device.ts';
import { goBack, type Resumed, resume } from './go-back.ts';
import { failedOutcome } from './outcomes.ts';
import { concludeWell, type How } from './perform.ts';
import type { Tell } from './tell.ts';

/** After a start: finishes or undoes what a crash left, or goes on after a restart. Null if there was nothing. */
export async function recoverDevice(device: Device, tell: Tell): Promise<Recovered | null> {
  await device.state.prepare();
  try {
    const open = writtenIn(await device.journal.read());
    if (open !== null && device.program?.trialFailed)
      return await takeBackTrial(device, open, tell);
    const resumed = await resume(device, tell);
    const outcome = await outcomeOf(device, resumed);
    return outcome && { outcome, point: resumed.written?.to ?? null };
  } catch (error) {
    const outcome = { ...failedOutcome(error, false, () => null), retryable: true };
    return { outcome, point: null };
  }
}

/** The launcher gave the new agent up and started this one, the one before it: what was not committed is taken back. */
async function takeBackTrial(device: Device, { to, why }: Written, tell: Tell): Promise<Recovered> {
  const code = why !== null && isErrorCode(why.code) ? why.code : 'restart-failed';
  const error = new JamesError(code, why?.reason ?? device.program?.trialFailed ?? '');
  return { outcome: await takeBack(device, error, tell), point: to };
}

async function outcomeOf(device: Device, resumed: Resumed): Promise<Outcome | null> {
  switch (resumed.outcome) {
    case 'nothing':
      return null;
    case 'finished':
      return { kind: 'converged' };
    case 'check':
      return { kind: 'unchecked' };
    case 'restart':
      await device.restart(resumed.of ?? 'machine');
      return { kind: 'restarting', of: resumed.of ?? 'machine' };
    case 'undone':
      return undoneOutcome(resumed);
  }
}

function undoneOutcome({ written, sentences }: Resumed): Outcome {
  const why = written?.why ?? null;
  const first = why?.reason ?? 'The device stopped in the middle; all was put back.';
  const reason = [first, ...sentences].join(' ');
  const code = why?.code ?? 'interrupted';
  const retryable = why === null || isRetryable(why.code);
  return { kind: 'failed', undone: true, code, reason, retryable, failures: [] };
}

const isRetryable = (code: string): boolean => isErrorCode(code) && errorCatalogue[code].retryable;

/** Goes on with what was applied before a restart: health decides. */
export async function concludeRestarted(
  device: Device,
  tell: Tell,
  course: Course = createCourse({ phase: () => undefined }),
): Promise<Outcome> {
  const how: How = { course, tell, signal: new AbortController().signal };
  const recovery = recoveryOf(
    await device.journal.read(),
    device.moment,
    await device.state.hasNext(),
  );
  if (recovery.kind !== 'check')
    return (await recoverDevice(device, tell))?.outcome ?? { kind: 'converged' };
  try {
    const { boot, run } = device.moment;
    const id = recovery.written.restarted === 'machine' ? boot : run;
    await device.journal.append({ entry: 'restarted', id });
    course.happen('restarted');
    return await concludeWell(device, how);
  } catch (error) {
    course.happen('failed');
    return await goBack(device, error, how, () => null);
  }
}

/** The restart that was asked for did not come in time: all is taken back. */
export async function giveUpRestart(
  device: Device,
  tell: Tell,
  course: Course = createCourse({ phase: () => undefined }),
): Promise<Outcome> {
  const error = new JamesError('restart-failed', 'The restart that the change needs did not come.');
  return await takeBack(device, error, tell, course);
}

async function takeBack(
  device: Device,
  error: JamesError,
  tell: Tell,
  course: Course = createCourse({ phase: () => undefined }),
): Promise<Outcome> {
  course.happen('resumed');
  const how: How = { course, tell, signal: new AbortController().signal };
  return await goBack(device, error, how, () => null);
}
