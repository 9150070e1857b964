import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../agent/system/logger.ts';
import { JamesError } from '../../../proto/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function begin(level: 'debug' | 'info' | 'warn', pretty: boolean) {
  const lines: string[] = [];
  const clock = createFakeClock(Date.UTC(2026, 0, 1, 12));
  const log = createLogger({ clock, level, pretty, write: (line) => lines.push(line) });
  return { log, lines };
}

describe('the log of the agent', () => {
  it('is one line of JSON per entry, with the level as a number', () => {
    const { log, lines } = begin('info', false);
    log.info({ revision: 3 }, 'Converged.');
    log.debug({}, 'not shown');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 30,
      time: Date.UTC(2026, 0, 1, 12),
      revision: 3,
      msg: 'Converged.',
    });
  });

  it('tells an error with its code and cause, without a stack', () => {
    const { log, lines } = begin('warn', false);
    const cause = new Error('ECONNREFUSED');
    log.error({ err: new JamesError('server-unreachable', 'No.', { cause }) }, 'Failed.');
    expect(JSON.parse(lines[0] ?? '').err).toBe('No. (server-unreachable): ECONNREFUSED');
  });

  it('is readable on a terminal', () => {
    const { log, lines } = begin('debug', true);
    log.warn({ cause: 'refused', count: 2 }, 'Not connected.');
    expect(lines).toEqual(['12:00:00.000 WARN  Not connected. cause=refused count=2\n']);
  });
});
