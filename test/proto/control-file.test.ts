import { describe, expect, it } from 'vitest';
import { parseControl } from '../../proto/control-file.ts';
import { failure } from '../support/failure.ts';

describe('parseControl', () => {
  it('reads a control file', () => {
    expect(
      parseControl(
        'name: logger\nlabels: {version: 1.10}\ndepends: [{name: libhub, version: ">=2"}]\npackages: [jq]\nconfig: [/etc/l.conf]\n',
      ),
    ).toEqual({
      name: 'logger',
      labels: { version: '1.10' },
      depends: [{ name: 'libhub', version: '>=2' }],
      packages: ['jq'],
      config: ['/etc/l.conf'],
    });
  });

  it('reads how a packet is installed', () => {
    const text =
      'name: image\nhealth: {timeout: 2m, retries: 5, interval: 10s}\nreboot: required\ndriver: ab-image\nscripts: {timeout: 30m}\n';
    expect(parseControl(text)).toEqual({
      name: 'image',
      health: { timeout: '2m', retries: 5, interval: '10s' },
      reboot: 'required',
      driver: 'ab-image',
      scripts: { timeout: '30m' },
    });
  });

  it.each([
    ['', 'bad-packet'],
    ['name: a\n---\nname: b\n', 'bad-packet'],
    ['name: ../x\n', 'bad-document'],
    ['name: a\nhash: 12\n', 'unknown-key'],
    ['name: a\npackages: [b, b]\n', 'bad-document'],
    ['name: a\npackages: [{name: b, version: "1;2"}]\n', 'bad-version-range'],
    ['name: a\nhealth: {checks: []}\n', 'unknown-key'],
    ['name: a\nhealth: {timeout: 0s}\n', 'bad-document'],
    ['name: a\nhealth: {retries: -1}\n', 'bad-document'],
    ['name: a\nscripts: {timeout: 400d}\n', 'bad-document'],
    ['name: a\nreboot: maybe\n', 'bad-document'],
    ['name: a\ndriver: A_B\n', 'bad-document'],
    ['name: a\nconfig: [etc/x]\n', 'bad-document'],
    ['name: a\nconfig: [/etc/../x]\n', 'bad-document'],
    ['name: a\nlabels: {a: "\\u0001"}\n', 'bad-document'],
    ['name: a\nlabels: {a: 1, a: 2}\n', 'duplicate-key'],
  ])('refuses %j', (text, code) => expect(failure(() => parseControl(text)).code).toBe(code));
});
