import { expect, it } from 'vitest';
import { faultsOf } from '../../proto/check.ts';
import { isDeviceId, isId, isPacketId, isPacketName } from '../../proto/ids.ts';
import { labelProblem, parseLabels } from '../../proto/labels.ts';
import { ConfigPath } from '../../proto/packet.ts';
import { parseSelector } from '../../proto/selector.ts';
import { parseTopic } from '../../proto/topics.ts';
import { comparePacketVersions } from '../../proto/version.ts';
import { inRange, parseRange } from '../../proto/version-range.ts';
import { matchesTag, parseRange as parseByteRange } from '../../server/http/byte-range.ts';
import { noneMatchNames, waitPreference } from '../../server/http/prefer.ts';

/** A header or an address has at most this; what bodies hold is bounded by schemas far below it. */
const LONGEST = 16 * 1024;

/** Texts on which careless expressions take the square of the length or worse: runs that nearly fit, to the end. */
const units = [
  'a',
  '0',
  '.',
  '.0',
  '0.',
  '-',
  '-rc',
  '~',
  ' ',
  '\t',
  '=',
  'a=',
  'a=b,',
  '!',
  '!a,',
  '|',
  'a|',
  ',',
  '/',
  '/a',
  '/.',
  '"',
  'W/"',
  '" ',
  '*',
  '>',
  '>=1 ',
  'é',
  '\\',
  '\u0000',
  'wait=',
  'wait = ',
  'bytes=',
  '0-,',
  '1:',
  '9',
  '😀',
];
const texts = units.flatMap((unit) =>
  ['', '!', '\n', 'x'].map((end) => unit.repeat(LONGEST / unit.length) + end),
);

const readers: [string, (text: string) => unknown][] = [
  [
    'ids',
    (text) => [isId(text), isDeviceId(text), isPacketName(text), isPacketId(`sha256:${text}`)],
  ],
  ['label keys', (text) => labelProblem(text, 'x')],
  ['label values', (text) => labelProblem('x', text)],
  ['labels', parseLabels],
  ['selectors', parseSelector],
  ['version ranges', parseRange],
  ['version ranges that match', (text) => inRange(parseRange(`>=1 <${text}`), '1.2.3')],
  ['versions', (text) => comparePacketVersions(text, `${text}1`)],
  ['versions in a range', (text) => inRange(parseRange('>=1.0.0.0 <2-rc1'), text)],
  ['topics', parseTopic],
  ['paths of configuration files', (text) => faultsOf(ConfigPath, `/${text}`)],
  ['byte ranges', (text) => parseByteRange(text, 100)],
  ['entity tags', (text) => [matchesTag(text, '"x"'), noneMatchNames(text, '"x"')]],
  ['preferences', waitPreference],
];

it.each(readers)('%s of the greatest length are read or refused in no time', (_what, read) => {
  for (const text of texts) {
    const begin = process.cpuUsage();
    try {
      read(text);
    } catch {
      // a refusal is an answer; what counts is how long it took
    }
    const { user } = process.cpuUsage(begin);
    expect(user / 1000, JSON.stringify(text.slice(0, 12))).toBeLessThan(250);
  }
});
