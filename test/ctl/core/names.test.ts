import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAge, formatBytes, parseDuration } from '../../../ctl/core/duration.ts';
import { packetFileName } from '../../../ctl/core/packet-file-name.ts';
import { skeletonFiles } from '../../../ctl/core/packet-skeleton.ts';
import { quoteCommand } from '../../../ctl/core/shell-quote.ts';
import { parseControl } from '../../../proto/control-file.ts';
import { labelsKey } from '../../../proto/labels.ts';

const name = fc.stringMatching(/^[a-c][a-c_.+-]{0,3}$/);
const value = fc.oneof(
  fc.stringMatching(/^[a-c_.-]{0,3}$/),
  fc.constantFrom('a/b', 'a b', 'ä', '..', 'a'),
);
const labels = fc.dictionary(fc.constantFrom('version', 'arch', 'x'), value, { maxKeys: 3 });

describe('the file name of a packet', () => {
  it.each([
    ['logger', {}, 'logger.jpk'],
    ['logger', { version: '1.0.0' }, 'logger_1.0.0.jpk'],
    ['logger', { version: '1.0.0', arch: 'armv7l' }, 'logger_1.0.0_armv7l.jpk'],
    ['logger', { arch: 'armv7l' }, 'logger__armv7l.jpk'],
  ])('%s %o is %s', (packet, set, file) => {
    expect(packetFileName(packet, set)).toBe(file);
  });

  it('differs for different packets', () => {
    fc.assert(
      fc.property(name, labels, name, labels, (nameA, labelsA, nameB, labelsB) => {
        const same = nameA === nameB && labelsKey(labelsA) === labelsKey(labelsB);
        expect(packetFileName(nameA, labelsA) === packetFileName(nameB, labelsB)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('is one name in one directory', () => {
    fc.assert(
      fc.property(name, labels, (packet, set) => {
        expect(packetFileName(packet, set)).toMatch(/^[A-Za-z0-9.+~_-]+\.jpk$/);
      }),
    );
  });
});

describe('a new packet’s control file', () => {
  it('says what was asked for, whatever it looks like', () => {
    const odd = fc.constantFrom(
      '1.10',
      'yes',
      '0x10',
      'null',
      '',
      'a: b',
      '#',
      "it's",
      '"',
      '~',
      'ä',
    );
    fc.assert(
      fc.property(
        name,
        fc.dictionary(fc.constantFrom('version', 'n', 'a/b'), odd),
        (packet, set) => {
          const [control] = skeletonFiles(packet, set);
          const read = parseControl(control?.text ?? '');
          expect([read.name, labelsKey(read.labels ?? {})]).toEqual([packet, labelsKey(set)]);
        },
      ),
    );
  });
});

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['30', '', 's', '5 s', '-1s', '1x', '1s2', '99999999999999999d'])(
    '%j is refused',
    (text) => {
      expect(() => parseDuration(text)).toThrow('is not a duration');
    },
  );

  it('are short for people', () => {
    expect([0, 119_000, 120_000, 7_500_000, 200_000_000].map(formatAge)).toEqual([
      '0s',
      '119s',
      '2m',
      '2h5m',
      '2d',
    ]);
    expect([0, 1023, 1024, 30_000_000, 5e12].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '29 MiB',
      '4.5 TiB',
    ]);
  });
});

describe('a command to be repeated', () => {
  it('is quoted for a shell', () => {
    expect(quoteCommand(['jamesd-ctl', '-m', "it's", 'a=b', '', '$TOKEN'])).toBe(
      `jamesd-ctl -m 'it'\\''s' a=b '' "$TOKEN"`,
    );
  });
});
