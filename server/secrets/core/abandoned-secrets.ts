import type { Source } from '../../../proto/source.ts';

/** Secrets of this beginning were made of what an address held; nobody keeps them but the sources that name them. */
const MADE = 'source.';

/** The secrets made of addresses that sources named before a change and that none names after it, sorted. */
export function abandonedSecrets(
  before: Iterable<Pick<Source, 'auth' | 'proxyAuth'>>,
  after: Iterable<Pick<Source, 'auth' | 'proxyAuth'>>,
): string[] {
  const still = namesIn(after);
  return [...namesIn(before)].filter((name) => name.startsWith(MADE) && !still.has(name)).sort();
}

function namesIn(sources: Iterable<Pick<Source, 'auth' | 'proxyAuth'>>): Set<string> {
  const names = [...sources].flatMap(({ auth, proxyAuth }) => [auth ?? [], proxyAuth ?? []].flat());
  return new Set(names);
}
