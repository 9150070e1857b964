import type { Verdict } from './recording.ts';

/** What apt was expected to do: fail, or make exactly these changes; `changes: null` where the recording does not say. */
export type Expectation =
  | { outcome: 'fails' }
  | { outcome: 'succeeds'; changes: ReadonlySet<string> | null };

/** `Trivial Only`: apt found an answer, showed it, and was told not to go on. */
const TRIVIAL = 'E: Trivial Only specified but this is not a trivial operation.';

/**
 * Takes the changes out of apt's output: `Inst NAME VERSION ARCH`, `Conf NAME VERSION ARCH` and `Remv NAME ARCH`, where
 * a purge counts as removal; or, where apt only showed lists, `list NEW|UPGRADED|REMOVED|DOWNGRADED NAME[:ARCH]`.
 */
export function expectationOf(verdict: Verdict, expected: string, native: string): Expectation {
  const isTrivial = expected.includes(TRIVIAL);
  const hasError = /^E: /m.test(expected);
  if (verdict === 'run-ok') return { outcome: 'succeeds', changes: null };
  if (verdict === 'run-fail' || verdict === 'failmsg') return { outcome: 'fails' };
  if (isTrivial) return { outcome: 'succeeds', changes: listsOf(expected) };
  if (verdict === 'fail' || (verdict === 'eq' && hasError)) return { outcome: 'fails' };
  const lines = withoutTemporary(actionsOf(expected, native));
  const said = expected.trim() !== '' || lines.size > 0;
  return { outcome: 'succeeds', changes: said ? lines : null };
}

/** Some are removed for a while and installed again: the order of unpacking, not of solving. */
function withoutTemporary(found: Set<string>): Set<string> {
  const returns = new Set(
    [...found].flatMap((line) => {
      const [action, name, , arch] = line.split(' ');
      return action === 'Inst' ? [`${name} ${arch}`] : [];
    }),
  );
  return new Set(
    [...found].filter((line) => !line.startsWith('Remv ') || !returns.has(line.slice(5))),
  );
}

/** `Inst foo:i386 [1] (2 unstable [i386]) []`, `Remv foo:i386 [1]`, `Conf foo (2 unstable [amd64])`. */
function actionsOf(expected: string, native: string): Set<string> {
  const found = new Set<string>();
  for (const line of expected.split('\n')) {
    const put =
      /^(Inst|Conf) (\S+?)(?::[a-z0-9-]+)? (?:\[\S+\] )?\((\S+) .*?\[([a-z0-9-]+)\]\)/.exec(line);
    if (put) found.add(`${put[1]} ${put[2]} ${put[3]} ${put[4]}`);
    const gone = /^(?:Remv|Purg) (\S+?)(?::([a-z0-9-]+))? \[/.exec(line);
    if (gone) found.add(`Remv ${gone[1]} ${gone[2] ?? native}`);
  }
  return found;
}

const headings: readonly (readonly [RegExp, string])[] = [
  [/^The following NEW packages will be installed:/, 'NEW'],
  [/^The following packages will be upgraded:/, 'UPGRADED'],
  [/^The following packages will be (REMOVED|purged):?/i, 'REMOVED'],
  [/^The following packages will be DOWNGRADED:/, 'DOWNGRADED'],
];

/** Lists of names below apt's headings, with versions in brackets under `-V`. */
function listsOf(expected: string): Set<string> {
  const found = new Set<string>();
  let list: string | null = null;
  for (const line of expected.split('\n')) {
    const heading = headings.find(([pattern]) => pattern.test(line));
    if (heading) list = heading[1];
    else if (!line.startsWith(' ')) list = null;
    else if (list !== null) for (const name of namesOf(line)) found.add(`list ${list} ${name}`);
  }
  return found;
}

function namesOf(line: string): string[] {
  return line
    .replaceAll(/\([^)]*\)/g, '')
    .trim()
    .split(/\s+/)
    .map((name) => name.replace(/\*$/, ''))
    .filter((name) => name !== '');
}
