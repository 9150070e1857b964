import { describe, expect, it } from 'vitest';
import { labelChips, noteOf, stateOf } from '../../server/dashboard/words.ts';

describe('labels in the table', () => {
  it('shows what people gave first, then arch, and counts the facts', () => {
    const labels = { os: 'debian', arch: 'armv7l', hostname: 'x', site: 'lab', fleet: 'alpha' };
    expect(labelChips(labels, 6)).toEqual({
      chips: ['fleet=alpha', 'site=lab', 'arch=armv7l'],
      hidden: 2,
    });
  });

  it('has room for so many and no more', () => {
    expect(labelChips({ a: '1', b: '2', c: '3' }, 2)).toEqual({ chips: ['a=1', 'b=2'], hidden: 1 });
  });
});

describe('the state of a device in a word', () => {
  it.each([
    [{ phase: 'idle', converged: true, problems: 0 }, 'converged', 'good'],
    [{ phase: 'idle', converged: true, problems: 1 }, 'converged', 'wait'],
    [{ phase: 'idle', converged: false, problems: 0 }, 'not yet', 'wait'],
    [{ phase: 'downloading', converged: false, problems: 0 }, 'downloading', 'busy'],
    [{ phase: 'rolled-back', converged: false, problems: 0 }, 'rolled-back', 'bad'],
  ] as const)('%o', (device, text, tone) => {
    expect(stateOf(device)).toEqual({ text, tone });
  });
});

describe('why a device does not go on', () => {
  const at = (timestamp: string): string => `at ${timestamp}`;
  const retryAt = '2026-11-25T02:00:00.000Z';
  it.each([
    [{ phase: 'waiting', reason: 'window', retryAt }, `window, may end at ${retryAt}`],
    [{ phase: 'failed', reason: 'no space', retryAt }, `no space, tries again at ${retryAt}`],
    [{ phase: 'rolled-back', reason: 'a.service is not active' }, 'a.service is not active'],
    [{ phase: 'idle', reason: null, rebootPending: true }, 'a reboot is left to a person'],
    [{ phase: 'idle', reason: null }, null],
  ] as const)('%o', (row, note) => expect(noteOf(row, at)).toBe(note));
});
