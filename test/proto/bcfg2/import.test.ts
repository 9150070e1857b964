import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Bcfg2Import, importBcfg2 } from '../../../proto/bcfg2/import.ts';
import { parseDocuments } from '../../../proto/document.ts';
import { bcfg2Fixtures, folderOf, reading } from '../../support/bcfg2-files.ts';

const golden = (name: string): string =>
  resolve(import.meta.dirname, '../../golden/bcfg2', `${name}.yaml`);

/** Everything that an import says, as a page that a person can check. */
function pageOf({ documents, notices, labels, errors }: Bcfg2Import): string {
  const comments = [
    ...errors.map(({ message }) => `error: ${message}`),
    ...notices.map(({ sentence }) => `notice: ${sentence}`),
    ...labels.map(({ label, documents: ids }) => `label: ${label} (${ids.join(', ')})`),
  ];
  const shown = documents.map(({ document }) => stringify(document, { lineWidth: 0 }));
  return `${comments.map((line) => `# ${line}\n`).join('')}${shown.join('---\n')}`;
}

describe('files of Bcfg2', () => {
  it.each([
    ['config', 'apt'],
    ['config', 'apt-recommended'],
    ['config', 'yum'],
    ['config', 'raw-yum'],
    ['config', 'raw-apt'],
    ['config', 'no-resolver'],
    ['config', 'no-metadata'],
    ['sources', 'sources'],
    ['bundles', 'ssh'],
    ['bundles', 'memory'],
    ['bundles', 'pinned'],
  ])('%s/%s.xml becomes what it became', async (folder, name) => {
    const read = importBcfg2([`${name}.xml`], reading(join(bcfg2Fixtures, folder)));
    expect(read.errors).toEqual([]);
    await expect(pageOf(read)).toMatchFileSnapshot(golden(`${folder}-${name}`));
  });

  it('give documents that can be applied as they are', () => {
    const { documents } = importBcfg2(['sources.xml'], reading(join(bcfg2Fixtures, 'sources')));
    const yaml = documents.map(({ document }) => stringify(document)).join('---\n');
    expect(parseDocuments(yaml)).toEqual(documents.map(({ document }) => document));
  });

  it('take the key that is given where they name none', () => {
    const signedBy = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n';
    const read = importBcfg2(['sources.xml'], reading(join(bcfg2Fixtures, 'sources')), {
      signedBy,
    });
    const keys = read.documents.map(
      ({ document }) => document.kind === 'Source' && document.signedBy,
    );
    expect(keys.filter((key) => key === signedBy)).toHaveLength(keys.length - 1);
    expect(read.notices.map(({ sentence }) => sentence).join()).not.toContain('trusted');
  });
});

const source = (parts: string): string => `<APTSource>${parts}</APTSource>`;
const apt = '<URL>http://a.example.org/</URL><Version>x</Version><Component>main</Component>';
const config = (...sources: string[]): string => `<Sources>\n${sources.join('\n')}\n</Sources>`;
const of = (text: string): Bcfg2Import => importBcfg2(['c.xml'], folderOf({ 'c.xml': text }));
const idsOf = (read: Bcfg2Import): string[] => read.documents.map(({ document }) => document.id);

describe('ids', () => {
  const group = (name: string, more = ''): string => source(`<Group>${name}</Group>${apt}${more}`);

  it('do not depend on the order of files, nor of sources and what is in them', () => {
    const [a, b] = [group('a', '<Arch>i386</Arch><Arch>amd64</Arch>'), group('b')];
    const turned = group('a', '<Arch>amd64</Arch><Arch>i386</Arch>');
    expect(idsOf(of(config(b, turned)))).toEqual(idsOf(of(config(a, b))));
  });

  it('do not depend on users, passwords and a slash at the end', () => {
    const secretive = group('a').replace('http://', 'http://me:hush@').replace('.org/', '.org');
    expect(idsOf(of(config(secretive)))).toEqual(idsOf(of(config(group('a')))));
    expect(idsOf(of(config(secretive))).join()).not.toContain('hush');
  });

  it('stay the same when components and lists change', () => {
    const more = group('a', '<Blacklist>vim</Blacklist>').replace('main', 'universe');
    expect(idsOf(of(config(more)))).toEqual(idsOf(of(config(group('a')))));
  });

  it('tell sources apart by components where all else is the same', () => {
    const both = of(config(group('a'), group('a').replace('main', 'universe')));
    expect(new Set(idsOf(both)).size).toBe(2);
  });

  it('sources that say the same are one; that say different things of one repository are an error', () => {
    expect(idsOf(of(config(group('a'), group('a'))))).toHaveLength(1);
    const otherwise = of(config(group('a'), group('a', '<Blacklist>vim</Blacklist>')));
    expect(otherwise.errors.map(({ position }) => position?.line)).toEqual([3]);
  });
});

describe('what is wrong', () => {
  it.each([
    ['no address', config(source('<Group>a</Group>')), 2, 'needs URL or RawURL'],
    [
      'two addresses',
      config(source(`${apt}<RawURL>http://b.example.org/</RawURL>`)),
      2,
      'give one of them',
    ],
    [
      'an unknown element',
      config(source(`${apt}<Colour>red</Colour>`)),
      2,
      '<Colour> may not stand in',
    ],
    ['an unknown attribute', config('<Config colour="red"/>'), 2, 'has no attribute "colour"'],
    ['another value', config('<Config resolver="off"/>'), 2, 'must be enabled or disabled'],
    ['an empty element', config(source(`${apt}<Arch/>`)), 2, '<Arch> is empty'],
    ['text between', config('loose'), 1, 'holds elements, and no text'],
    [
      'no version',
      config(source('<URL>http://a.example.org/</URL><Component>main</Component>')),
      2,
      '"suite"',
    ],
    ['another scheme', config(source(apt.replace('http:', 'ftp:'))), 2, 'must be an address'],
    [
      'a group that is no label',
      config(source(`<Group>a b</Group>${apt}`)),
      2,
      'cannot become a label',
    ],
    [
      'a type that nobody knows',
      config('<Source type="apk" url="http://a.example.org/"/>'),
      2,
      'must be one of apt',
    ],
    [
      'a group without name',
      config('<Group><Source type="apt" url="x"/></Group>'),
      2,
      'needs the attribute "name"',
    ],
    ['another file', '<Clients/>', 1, 'is no file of sources and no bundle'],
    [
      'a template',
      '<Bundle xmlns:py="http://genshi.edgewall.org/">\n<py:if test="x"/></Bundle>',
      2,
      'templates',
    ],
    ['a package without name', '<Bundle>\n<Package/></Bundle>', 2, 'needs name or group'],
    [
      'a priority that is none',
      '<Bundle>\n<BoundPackage name="a" priority="x"/></Bundle>',
      2,
      'whole number',
    ],
    ['a name that is none', '<Bundle>\n<Package name="a b"/></Bundle>', 2, 'pattern'],
  ])('%s is told with its place', (_what, text, line, sentence) => {
    const { errors, documents } = of(text);
    expect(errors.map(({ position }) => position?.line)).toContain(line);
    expect(errors[0]?.message).toMatch(/^c\.xml, line \d+, column \d+: /);
    expect(errors.map(({ message }) => message).join('\n')).toContain(sentence);
    expect(documents).toEqual([]);
  });

  it('all of it is told at once, with columns', () => {
    const { errors } = of('<Sources>\n  <Config x="1"/>\n    <Bad/>\n</Sources>');
    expect(errors.map(({ position }) => [position?.line, position?.column])).toEqual([
      [2, 3],
      [3, 5],
    ]);
  });

  it('another order than that of the old schema is a notice', () => {
    const read = of(config(source(`<Arch>amd64</Arch>${apt}`)));
    expect(read.errors).toEqual([]);
    expect(read.documents).toHaveLength(1);
    expect(read.notices[0]?.sentence).toContain("stands before <Arch> in Bcfg2's schema");
  });

  it('groups that contradict each other leave nothing', () => {
    const inner =
      '<Source type="apt" url="http://a.example.org/" version="x"><Component>m</Component></Source>';
    const text = `<Sources><Group name="a"><Group name="a" negate="true">${inner}</Group></Group></Sources>`;
    const read = of(text);
    expect([read.documents, read.errors]).toEqual([[], []]);
    expect(read.notices[0]?.sentence).toContain('no device can be here');
  });

  it('two bundles of one name are an error', () => {
    const files = { 'a.xml': '<Bundle name="x"><Package name="a"/></Bundle>', 'b.xml': '' };
    const read = importBcfg2(
      ['a.xml', 'b.xml'],
      folderOf({ ...files, 'b.xml': files['a.xml'].replace('"a"', '"b"') }),
    );
    expect(read.errors[0]?.message).toContain('give the bundles different names');
  });
});

describe('hostile files', () => {
  const laughs = `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Sources>&b;</Sources>`;
  const outside = `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Sources>&e;</Sources>`;

  it.each([
    ['a billion laughs', laughs, 'DOCTYPE'],
    ['an external entity', outside, 'DOCTYPE'],
    ['an entity without declaration', '<Sources>&e;</Sources>', 'undefined entity'],
    ['deep nesting', '<Sources>'.repeat(1e5), 'nested too deeply'],
    ['many elements', `<Sources>${'<Config/>'.repeat(100_001)}</Sources>`, 'too many elements'],
    ['half of it', '<Sources><APTSource>', ''],
    ['nothing', '', ''],
    ['no XML', 'id: a', ''],
    ['a null byte', '<Sources>\u0000</Sources>', ''],
  ])('%s is refused in time', (_what, text, sentence) => {
    const { errors, documents } = of(text);
    expect(errors[0]?.code).toMatch(/^(bad-xml|too-large)$/);
    expect(errors[0]?.message).toContain(sentence);
    expect(documents).toEqual([]);
  });

  it('that are too large are refused before they are read', () => {
    expect(of(' '.repeat(9 * 1024 * 1024)).errors[0]?.code).toBe('too-large');
  });

  const including = (href: string): string =>
    `<Sources xmlns:xi="http://www.w3.org/2001/XInclude">\n<xi:include href="${href}"/></Sources>`;

  it.each([
    ['/etc/passwd', 'below the folder'],
    ['../outside.xml', 'below the folder'],
    ['http://x.example.org/a.xml', 'below the folder'],
    ['file:///etc/passwd', 'below the folder'],
    ['c.xml', 'includes itself'],
    ['none.xml', 'there is no file none.xml'],
  ])('an include of %s is refused', (href, sentence) => {
    const { errors } = of(including(href));
    expect(errors.map(({ position }) => position?.line)).toEqual([2]);
    expect(errors[0]?.message).toContain(sentence);
  });

  it('includes that double with each file end', () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, level) => {
        const href = `<xi:include href="f${level + 1}.xml"/>`;
        const text = `<Sources xmlns:xi="http://www.w3.org/2001/XInclude">${href}${href}</Sources>`;
        return [`f${level}.xml`, text];
      }),
    );
    const { errors } = importBcfg2(['f0.xml'], folderOf({ ...files, 'f40.xml': '<Sources/>' }));
    expect(errors[0]?.message).toContain('more than 256 includes');
  });
});
