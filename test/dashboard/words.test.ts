import { describe, expect, it } from 'vitest';
import { labelChips, stateOf } from '../../server/dashboard/words.ts';

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
