import { describe, expect, it } from 'vitest';
import { ask, rpmIndex, rpmView, sentences, told } from './small-world.ts';

const rpm = { policy: 'rpm' } as const;

describe('faults of Bcfg2’s resolver for rpm that cannot happen here', () => {
  it('a version with its epoch counts as a whole', () => {
    const index = rpmIndex('app Version: 1:9-1', 'app Version: 2:1-1');
    expect(told(ask(rpmView(index), ['app'], rpm))).toBe('app=2:1-1');
  });

  it('a version in a requirement counts', () => {
    const index = rpmIndex('app Requires: lib >= 2', 'lib Version: 1-1');
    const answer = ask(rpmView(index), ['app'], rpm);
    expect(told(answer)).toBe('!app');
    expect(sentences(answer)).toContain('lib >= 2');
  });

  it('a condition holds where what it speaks of is there', () => {
    const index = rpmIndex('app Requires: (plug if lib)', 'plug', 'lib');
    expect(told(ask(rpmView(index), ['app'], rpm))).toBe('app');
    expect(told(ask(rpmView(index), ['app', 'lib'], rpm))).toBe('app lib plug');
  });

  it('one of several is chosen', () => {
    const index = rpmIndex('app Requires: (gone or lib)', 'lib');
    expect(told(ask(rpmView(index), ['app'], rpm))).toBe('app lib');
  });

  it('packages in conflict do not come together', () => {
    const answer = ask(rpmView(rpmIndex('a Conflicts: b', 'b')), ['a', 'b'], rpm);
    expect(answer.packages).toHaveLength(1);
    expect(answer.unresolved).toHaveLength(1);
    expect(sentences(answer)).toMatch(/conflict/i);
  });

  it('what is obsolete goes when its successor comes', () => {
    const installed = [{ name: 'old', version: '1-1', arch: 'x86_64', auto: false }];
    const index = rpmIndex('old Version: 1-1', 'new Version: 2-1; Obsoletes: old < 2');
    const answer = ask(rpmView(index), ['new'], { ...rpm, installed, remove: true });
    expect(told(answer)).toBe('new=2-1');
    expect(answer.removed).toMatchObject([{ name: 'old' }]);
  });

  it('a file that is required is served by the package that has it', () => {
    const index = rpmIndex('app Requires: /usr/bin/awk', 'gawk Files: /usr/bin/awk');
    expect(told(ask(rpmView(index), ['app'], rpm))).toBe('app gawk');
  });

  it('weak dependencies come only where they are asked for', () => {
    const view = rpmView(rpmIndex('app Recommends: extra', 'extra', 'far Supplements: app'));
    expect(told(ask(view, ['app'], rpm))).toBe('app');
    expect(told(ask(view, ['app'], { ...rpm, recommends: true }))).toBe('app extra far');
  });

  it('a package of another architecture is not available', () => {
    const index = rpmIndex('app Requires: lib', 'lib Architecture: aarch64');
    expect(told(ask(rpmView(index), ['app'], rpm))).toBe('!app');
  });
});
