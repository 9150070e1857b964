import fc from 'fast-check';

/** The names that packages of a random index have. */
export const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const someName = fc.constantFrom(...names, 'virtual', 'other', 'none');
const target = fc
  .tuple(someName, fc.constantFrom('', '', '', ':any', ' (>= 2)', ' (<< 2)', ' (= 1)'))
  .map((parts) => parts.join(''));
const alternatives = fc
  .array(target, { minLength: 1, maxLength: 3 })
  .map((list) => list.join(' | '));

function field(name: string, entry: fc.Arbitrary<string>, maxLength: number) {
  return fc
    .array(entry, { maxLength })
    .map((entries) => (entries.length > 0 ? `${name}: ${entries.join(', ')}` : ''));
}

/** Conflicts are rare, as in a distribution: with many of them there is nothing simple to answer. */
const rare = (line: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: line });

function stanza(name: string): fc.Arbitrary<string> {
  const head = fc.tuple(fc.constantFrom('1', '2'), fc.constantFrom('amd64', 'all', 'i386'));
  const fields = fc.tuple(
    rare(field('Pre-Depends', alternatives, 1)),
    field('Depends', alternatives, 3),
    field('Recommends', alternatives, 2),
    rare(field('Conflicts', target, 2)),
    rare(field('Breaks', target, 1)),
    fc.constantFrom('', '', 'Provides: virtual', 'Provides: virtual (= 2), other'),
    fc.constantFrom('', '', 'Multi-Arch: same', 'Multi-Arch: foreign', 'Multi-Arch: allowed'),
    fc.constantFrom('', '', 'Priority: important', 'Essential: yes'),
  );
  return fc
    .tuple(head, fields)
    .map(([[version, arch], lines]) =>
      [`${name} ${version} ${arch}`, ...lines.filter((line) => line !== '')].join('\n'),
    );
}

/**
 * A small index in short: needs of up to three alternatives, exclusions, provides and Multi-Arch at random. Names may be
 * there twice: in another version, or for another architecture.
 */
export const randomIndex = fc
  .tuple(...names.map(stanza), fc.array(fc.constantFrom(...names).chain(stanza), { maxLength: 3 }))
  .map((stanzas) => stanzas.flat().join('\n\n'));
