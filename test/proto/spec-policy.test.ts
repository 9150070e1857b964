import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesPerSecond, policyFields } from '../../proto/device-policy.ts';
import { parseDocuments } from '../../proto/document.ts';
import { failure } from '../support/failure.ts';

const whole = `id: s
target: {}
health:
  checks:
    - {unit: logger.service}
    - {command: test -e /run/up}
    - {http: "http://127.0.0.1:8080/up", status: 204}
    - {tcp: "[::1]:22"}
    - {server: reachable}
  timeout: 2m
  retries: 3
  interval: 10s
windows:
  timezone: Europe/Berlin
  download: always
  apply: [{cron: "0 2 * * 1-5", duration: 3h}, {days: [sat, sun], at: "01:30", duration: 90m}, {at: 04:00, duration: 1h}]
  blackout: [2026-12-24/2026-12-27, 2028-02-29]
  jitter: 10m
inhibit:
  - {file: /run/busy, deadline: 24h, then: apply}
  - {command: pgrep -x pump}
downloads:
  mirrors: ["https://cdn.example.org/{hex}"]
  rate: [{from: "08:00", to: "18:00", rate: 500kB/s}, {from: "18:00", to: "08:00", rate: 2MB/s}]
  budget: 5
irreversible: allow
drift: repair
reboot: never
`;

describe('what a spec says of how devices go about it', () => {
  it('is read as it stands', () => {
    const [spec] = parseDocuments(whole);
    expect(spec).toMatchObject({
      health: { checks: [{ unit: 'logger.service' }, {}, { status: 204 }, {}, {}], retries: 3 },
      windows: { apply: [{ duration: '3h' }, { days: ['sat', 'sun'] }, { at: '04:00' }] },
      inhibit: [{ deadline: '24h' }, { command: 'pgrep -x pump' }],
      downloads: { budget: 5 },
      ...{ irreversible: 'allow', drift: 'repair', reboot: 'never' },
    });
  });

  it.each([
    'inhibit: {file: /run/busy}',
    'inhibit: []',
    'windows: {}',
    'health: {checks: []}',
    'downloads: {rate: 300B/s}',
    'windows: {apply: [{cron: "*/15 22-23,0-4 1 jan,jun mon", duration: 1h}]}',
    'windows: {timezone: UTC}',
  ])('may be %j', (line) => expect(parseDocuments(`id: s\ntarget: {}\n${line}\n`)).toHaveLength(1));

  it.each([
    ['health: {}', 'bad-document', 1],
    ['health: {checks: [{units: a}]}', 'bad-document', 19],
    ['health: {checks: [{unit: a, tries: 2}]}', 'unknown-key', 29],
    ['health: {checks: [{unit: "a b"}]}', 'bad-document', 20],
    ['health: {checks: [{tcp: "a:0"}]}', 'bad-document', 20],
    ['health: {checks: [{tcp: "a:65536"}]}', 'bad-document', 20],
    ['health: {checks: [{http: "http://u:p@h/"}]}', 'bad-document', 20],
    ['health: {checks: [{http: "http://"}]}', 'bad-document', 20],
    ['health: {checks: [{server: reachable}], timeout: 0s}', 'bad-document', 41],
    ['health: {checks: [{server: reachable}], interval: 400d}', 'bad-document', 41],
    ['health: {checks: [{server: reachable}], timeout: 30}', 'bad-document', 41],
    ['windows: {timezone: Mars/Olympus}', 'bad-document', 11],
    ['windows: {download: never}', 'bad-document', 11],
    ['windows: {apply: [{cron: "0 2 * *", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{cron: "0 61 * * *", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{cron: "0 0 2 * * *", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{cron: "0 0 31 2 *", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{cron: "0 0 L * *", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{cron: "0 ? * * *", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{cron: "@midnight   ", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{cron: "0 2 * * *"}]}', 'bad-document', 19],
    ['windows: {apply: [{at: "24:00", duration: 1h}]}', 'bad-document', 20],
    ['windows: {apply: [{days: [monday], at: "02:00", duration: 1h}]}', 'bad-document', 27],
    ['windows: {apply: []}', 'bad-document', 11],
    ['windows: {blackout: [2026-02-30]}', 'bad-document', 22],
    ['windows: {blackout: [2026-12-27/2026-12-24]}', 'bad-document', 22],
    ['windows: {blackout: [christmas]}', 'bad-document', 22],
    ['windows: {jitter: 0m}', 'bad-document', 11],
    ['windows: {duration: 1h}', 'unknown-key', 11],
    ['inhibit: {}', 'bad-document', 1],
    ['inhibit: {file: run/busy}', 'bad-document', 11],
    ['inhibit: {files: /run/busy}', 'unknown-key', 11],
    ['inhibit: [{file: /a}, {file: /b, then: apply}]', 'bad-document', 34],
    ['inhibit: {file: /a, deadline: soon, then: apply}', 'bad-document', 21],
    ['downloads: {rate: fast}', 'bad-document', 13],
    ['downloads: {rate: [{from: "08:00", to: "08:00", rate: 1MB/s}]}', 'bad-document', 20],
    [
      'downloads: {rate: [{from: "22:00", to: "06:00", rate: 1MB/s}, {from: "05:59", to: "07:00", rate: 2MB/s}]}',
      'bad-document',
      63,
    ],
    ['downloads: {mirrors: ["https://cdn.example.org/x"]}', 'bad-document', 23],
    ['downloads: {mirrors: ["https://u:p@cdn.example.org/{hex}"]}', 'bad-document', 23],
    ['downloads: {budget: 0}', 'bad-document', 13],
    ['irreversible: maybe', 'bad-document', 1],
    ['drift: true', 'bad-document', 1],
    ['reboot: always', 'bad-document', 1],
    ['rollout: {}', 'unsupported', 1],
  ])('is refused with its place: %s', (line, code, column) => {
    const error = failure(() => parseDocuments(`id: s\ntarget: {}\n${line}\n`, 'spec.yaml'));
    expect([error.code, error.position]).toEqual([code, { file: 'spec.yaml', line: 3, column }]);
  });

  it('has rates in bytes', () => {
    expect(['1B/s', '500kB/s', '2MB/s'].map(bytesPerSecond)).toEqual([1, 500_000, 2_000_000]);
  });
});

describe('the specs that docs/specs.md shows', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/specs.md'), 'utf8');
  const shown = [...page.matchAll(/```yaml\n(id: .*?)```/gs)].map(([, text]) => text as string);

  it('are some, one of them with all fields of its policy', () => {
    expect(shown.length).toBeGreaterThan(1);
    const all = shown.flatMap((text) => parseDocuments(text));
    expect(all.some((one) => policyFields.every((field) => field in one))).toBe(true);
  });
});
