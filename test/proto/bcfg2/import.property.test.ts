import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { importBcfg2 } from '../../../proto/bcfg2/import.ts';
import { parseDocuments } from '../../../proto/document.ts';
import { folderOf } from '../../support/bcfg2-files.ts';
import { createConfigurationWorld } from '../../support/configuration-world.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
const words = fc.uniqueArray(word, { maxLength: 3 });
const several = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });

/** A source of the old generation, by its parts, in any order that the writer liked. */
const source = fc
  .record({
    kind: fc.constantFrom('APTSource', 'YUMSource'),
    groups: words,
    host: word,
    version: word,
    components: several,
    archs: words,
    lists: words,
    raw: fc.boolean(),
    recommended: fc.boolean(),
    turn: fc.nat(9),
  })
  .map(({ kind, groups, host, version, components, archs, lists, raw, recommended, turn }) => {
    const all = (name: string, texts: readonly string[]): string[] =>
      texts.map((text) => `<${name}>${text}</${name}>`);
    const parts = [
      ...all('Group', groups),
      ...(raw
        ? all('RawURL', [`http://${host}.example.org/x`])
        : [
            ...all('URL', [`http://me:hush@${host}.example.org/x/`]),
            ...all('Version', [version]),
            ...all('Component', components),
          ]),
      ...all('Arch', archs),
      ...all('Blacklist', lists),
      ...(recommended ? all('Recommended', ['True']) : []),
    ];
    const from = turn % parts.length;
    return `<${kind}>${[...parts.slice(from), ...parts.slice(0, from)].join('')}</${kind}>`;
  });

const bundle = fc
  .record({
    name: word,
    packages: several,
    group: word,
    version: fc.constantFrom('auto', 'any', '1.2-3'),
  })
  .map(
    ({ name, packages, group, version }) =>
      `<Bundle name="${name}">${packages.map((one) => `<Package name="${one}"/>`).join('')}<Group name="${group}"><BoundPackage name="x" type="apt" version="${version}" priority="3"/></Group></Bundle>`,
  );

const repository = fc.record({
  sources: fc.array(source, { maxLength: 5 }),
  bundles: fc.uniqueArray(bundle, {
    maxLength: 3,
    selector: (text) => /name="([^"]*)"/.exec(text)?.[1]?.toLowerCase(),
  }),
});

function filesOf({ sources, bundles }: { sources: string[]; bundles: string[] }) {
  const files: Record<string, string> = {
    'config.xml': `<Sources>${sources.join('\n')}</Sources>`,
  };
  for (const [index, text] of bundles.entries()) files[`b${index}.xml`] = text;
  return files;
}

const importing = (files: Record<string, string>, paths = Object.keys(files)) =>
  importBcfg2(paths, folderOf(files));

it('an import depends on what the files say, and not on the order of files, sources and parts', () => {
  let taken = 0;
  fc.assert(
    fc.property(repository, (made) => {
      const files = filesOf(made);
      const first = importing(files);
      const documents = first.documents.map(({ document }) => document);
      expect(importing(files)).toEqual(first);
      const turned = filesOf({ ...made, sources: made.sources.toReversed() });
      const others = importing(turned, Object.keys(turned).reverse());
      expect(others.errors).toHaveLength(first.errors.length);
      if (first.errors.length > 0) return;
      taken += 1;
      expect(new Set(others.documents.map(({ document }) => JSON.stringify(document)))).toEqual(
        new Set(documents.map((document) => JSON.stringify(document))),
      );
      const yaml = documents.map((document) => stringify(document)).join('---\n');
      expect(parseDocuments(yaml)).toEqual(documents);
      expect(documents.map(({ id }) => id).join()).not.toContain('hush');
    }),
    { numRuns: 60, seed: 7 },
  );
  expect(taken).toBeGreaterThan(30);
});

it('importing twice changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(repository, async (made) => {
      const { documents: found, errors } = importing(filesOf(made));
      if (errors.length > 0) return;
      const { configuration, documents } = await createConfigurationWorld();
      const request = { documents: found.map(({ document }) => document) };
      const by = { author: 'op', message: null };
      await configuration.apply(request, by);
      const generation = documents.generation();
      const again = await configuration.apply(request, by);
      expect(again.results.every(({ change }) => change === 'unchanged')).toBe(true);
      expect(documents.generation()).toBe(generation);
      expect(JSON.stringify([...documents.sources.all()])).not.toContain('hush');
    }),
    { numRuns: 10, seed: 7 },
  );
});
