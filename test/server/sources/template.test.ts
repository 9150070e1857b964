import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../../proto/source.ts';
import { templateSource } from '../../../server/sources/core/template-source.ts';
import {
  checkTemplate,
  createRenderFile,
  deviceSources,
  templateSources,
} from '../../../server/sources/device-sources.ts';
import { kindsByType } from '../../../server/sources/kinds.ts';
import { parseSourceTemplate } from '../../../server/sources/template.ts';
import { aDesiredSource } from '../../support/desired-source.ts';
import { failure } from '../../support/failure.ts';

const apt: Source = {
  id: 'ubuntu-intrepid',
  type: 'apt',
  url: 'http://us.archive.example.org/ubuntu',
  suite: 'intrepid',
  components: ['main', 'universe'],
  archs: ['i386', 'amd64'],
  target: { 'group.ubuntu-intrepid': { exists: true }, site: 'berlin' },
};
const yum: Source = {
  id: 'centos-5.2',
  type: 'yum',
  url: 'http://mirror.example.org/centos/',
  suite: '5.2',
  components: ['os', 'updates'],
  archs: ['x86_64'],
  target: { 'group.centos-5.2': { exists: true } },
};
const kinds = kindsByType();
const applied = (source: Source, archs: string[] = []) => ({ source, verdict: { archs } });
const never = (id: string): never => {
  throw new Error(`${id} has a fault`);
};
const labels = { site: 'berlin', 'group.web': 'yes' };
const render = (
  text: string,
  source = { ...templateSource(aDesiredSource({ id: 'a' }), {}), keys: [] },
) => parseSourceTemplate(text).render({ labels, sources: [source], source });

describe('templates of sources', () => {
  it('the two examples in the guide make the files of the ancestor', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/sources.md'), 'utf8');
    const examples = [...guide.matchAll(/```liquid\n(.*?)```/gs)].map(([, text]) => text as string);
    const made = [apt, yum].map((source, index) =>
      parseSourceTemplate(examples[index] ?? '').render({
        labels: {},
        sources: templateSources([applied(source, source.archs)], kinds),
        source: null,
      }),
    );
    expect(made[0]).toBe(
      [
        '# jamesd maintained apt',
        '',
        'deb [arch=i386,amd64] http://us.archive.example.org/ubuntu/ intrepid main universe',
        '',
      ].join('\n'),
    );
    expect(made[1]).toBe(
      [
        '# jamesd maintained yum',
        '',
        '[centos-5.2_os_x86_64]',
        'name=centos-5.2_os_x86_64',
        'baseurl=http://mirror.example.org/centos/5.2/os/x86_64/',
        '',
        '[centos-5.2_updates_x86_64]',
        'name=centos-5.2_updates_x86_64',
        'baseurl=http://mirror.example.org/centos/5.2/updates/x86_64/',
        '',
      ].join('\n'),
    );
  });

  it('a source takes the place of its built-in form with its own file', () => {
    const template = '{{ source.id }} {{ sources | map: "id" | join: "," }} {{ labels.site }}';
    const own = { ...apt, template, path: '/etc/apt/sources.list.d/own.list' };
    const both = [applied(own, ['amd64']), applied(yum, ['x86_64'])];
    const renderFile = createRenderFile(kinds, never);
    const [first, second] = deviceSources(both, { kinds, labels, renderFile });
    expect(first?.file).toEqual({
      path: '/etc/apt/sources.list.d/own.list',
      content: 'ubuntu-intrepid ubuntu-intrepid,centos-5.2 berlin',
    });
    expect(second?.file).toBeNull();
  });

  it('a device in none of a source’s architectures gets the first index', () => {
    const renderFile = createRenderFile(kinds, never);
    const [source] = deviceSources([applied(apt)], { kinds, labels, renderFile });
    expect(source?.archs).toEqual(['i386']);
    expect(source?.urls.map(({ url }) => url)).toEqual([
      'http://us.archive.example.org/ubuntu/dists/intrepid/main/binary-i386/',
      'http://us.archive.example.org/ubuntu/dists/intrepid/universe/binary-i386/',
    ]);
  });

  it('a template that runs into a limit leaves the built-in form, and is told', () => {
    const template =
      '{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}';
    const told: string[] = [];
    const one = applied({ ...apt, template, path: '/etc/x' }, ['amd64']);
    const renderFile = createRenderFile(kinds, (id) => told.push(id));
    expect(deviceSources([one], { kinds, labels, renderFile })[0]?.file).toBeNull();
    expect(told).toEqual(['ubuntu-intrepid']);
  });

  it('know where the keys of a source are on the device', () => {
    const signedBy =
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nk\n-----END PGP PUBLIC KEY BLOCK-----\n';
    const all = [apt, { ...apt, id: 'same' }, yum].map((one) => applied({ ...one, signedBy }));
    expect(templateSources(all, kinds).map(({ keys }) => keys)).toEqual([
      ['/etc/apt/keyrings/jamesd-ubuntu-intrepid.asc'],
      ['/etc/apt/keyrings/jamesd-ubuntu-intrepid.asc'],
      ['/etc/pki/rpm-gpg/jamesd-centos-5.2.asc'],
    ]);
  });

  it('that cannot be read make the source a bad document', () => {
    const refused = failure(() => checkTemplate({ ...apt, template: '\n{{ sorces }}' }));
    expect([refused.code, refused.message]).toEqual([
      'bad-document',
      expect.stringContaining('source ubuntu-intrepid: template, line 2'),
    ]);
    expect(checkTemplate({ ...apt, template: '{{ source.id }}' })).toBeUndefined();
  });

  it('say which labels they need', () => {
    const text = '{% if labels["group.web"] %}{{ labels.site }}{% endif %}{{ labels.site }}';
    expect(parseSourceTemplate(text).labels).toEqual(['group.web', 'site']);
    expect(render(text)).toBe('berlinberlin');
  });

  it.each([
    ['{{ labels[sources[0].id] }}', 'line 1', 'by name'],
    ['{% for pair in labels %}{% endfor %}', 'line 1', 'by name'],
    ['a\nb {{ sorces }}', 'line 2, column 6', '"sorces" is nothing'],
    ['a\n{% for x in sources %}', 'line 2', 'not closed'],
    ['\n\n{{ source.id | uper }}', 'line 3', 'uper'],
    ['{{ source.id | date: "%Y" }}', 'line 1', 'date'],
    ['{{ sources | shuffle }}', 'line 1', 'shuffle'],
    ['{% include "/etc/passwd" %}', 'line 1', 'include'],
    ['{% render "/etc/passwd" %}', 'line 1', 'render'],
    ['{% layout "/etc/passwd" %}', 'line 1', 'layout'],
  ])('refuse %j', (text, place, why) => {
    const refused = failure(() => render(text));
    expect(refused.code).toBe('bad-document');
    expect(refused.message).toContain(place);
    expect(refused.message).toContain(why);
    expect(refused.position?.line).toBeGreaterThan(0);
  });

  it.each([
    ['loops', '{% for a in (1..1000) %}{% for b in (1..1000) %}{{ a }}{% endfor %}{% endfor %}'],
    ['a range', '{% assign a = (1..999999999) %}{{ a }}'],
    [
      'a text that doubles',
      '{% assign a = "xxxxxxxxxx" %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}',
    ],
    [
      'much output',
      '{% capture a %}{% for i in (1..2000) %}0123456789012345678901234567890123456789{% endfor %}{% endcapture %}{% for i in (1..50) %}{{ a }}{% endfor %}',
    ],
  ])('end before %s take the server down', (_, text) => {
    expect(failure(() => render(text)).code).toBe('bad-document');
  });

  it('see nothing of the inside of objects', () => {
    expect(render('{{ source.constructor.name }}{{ sources.__proto__ }}{{ source.id }}')).toBe('a');
  });
});
