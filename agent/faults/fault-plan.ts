import { appendFileSync } from 'node:fs';
import { JamesError } from '../../proto/errors.ts';
import { allPoints } from './fault-points.ts';

export const faultActions = ['kill', 'error', 'hang', 'enospc'] as const;
export type FaultAction = (typeof faultActions)[number];

/** Where something goes wrong: at the `nth` time (from 1) that the process comes to the point. */
export interface Fault {
  point: string;
  nth: number;
  action: FaultAction;
}

/** Reads `POINT[#N]:ACTION`, such as `rename@root#3:kill`. Throws `usage` for anything else. */
export function parseFault(text: string): Fault {
  const [, point = '', nth = '1', action = ''] = /^([^#:]+)(?:#(\d+))?:(\w+)$/.exec(text) ?? [];
  const known = faultActions.find((one) => one === action);
  if (!known || !allPoints().includes(point) || Number(nth) < 1)
    throw new JamesError(
      'usage',
      `JAMESD_FAULT: write POINT#N:ACTION with a point of \`jamesc faults\` and one of ${faultActions.join(', ')}, not "${text.slice(0, 80)}".`,
    );
  return { point, nth: Number(nth), action: known };
}

/** Told of every point before what is named there is done; may throw, never resolve, or end the process. */
export type Pass = (point: string) => Promise<void>;

/** Acts at the point of the fault, and writes the points that are passed into `trace`, a line each, as they are. */
export function createPass({ fault, trace }: { fault: Fault | null; trace: string | null }): Pass {
  const seen = new Map<string, number>();
  return async (point) => {
    const nth = (seen.get(point) ?? 0) + 1;
    seen.set(point, nth);
    if (trace !== null) appendFileSync(trace, `${point}#${nth}\n`);
    if (fault?.point === point && fault.nth === nth) await act(fault);
  };
}

async function act({ action, point }: Fault): Promise<void> {
  switch (action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return await never();
    case 'hang':
      return await never();
    case 'error':
      throw systemError('EIO', 'input/output error', point);
    case 'enospc':
      throw systemError('ENOSPC', 'no space left on device', point);
  }
}

const never = (): Promise<void> => new Promise(() => undefined);

function systemError(code: string, text: string, point: string): Error {
  return Object.assign(new Error(`${code}: ${text}, ${point}`), {
    code,
    syscall: point,
    errno: -1,
  });
}
