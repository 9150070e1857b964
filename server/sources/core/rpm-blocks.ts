import { JamesError } from '../../../proto/errors.ts';

/** What is decoded at once, and the longest text of one package: far above what any repository has. */
const WINDOW = 1 << 20;
const LONGEST_BLOCK = 32 << 20;
const CLOSE = '</package>';

/**
 * Cuts the bytes of a primary.xml or filelists.xml into packages: `visit` gets the text from `<package` to before
 * `</package>` of each. Throws `bad-index` for a text that does not begin with `<root …>` or does not end with `</root>`,
 * and where the number of packages is not the one that the root announces.
 */
export function readPackageBlocks(
  bytes: Uint8Array,
  root: string,
  visit: (block: string) => void,
): void {
  const decoder = new TextDecoder();
  let rest = '';
  let count = 0;
  let announced: number | null = null;
  for (let start = 0; start < bytes.length; start += WINDOW) {
    const text = rest + decoder.decode(bytes.subarray(start, start + WINDOW), { stream: true });
    if (start === 0) announced = announcedIn(text, root);
    let from = 0;
    for (let end = text.indexOf(CLOSE); end >= 0; end = text.indexOf(CLOSE, from)) {
      const open = text.indexOf('<package ', from);
      if (open < 0 || open > end) throw bad('an end of a package stands without its beginning');
      visit(text.slice(open, end));
      count += 1;
      from = end + CLOSE.length;
    }
    rest = text.slice(from);
    if (rest.length > LONGEST_BLOCK) throw bad('a package is longer than is read');
  }
  if (!rest.trimEnd().endsWith(`</${root}>`) || rest.includes('<package '))
    throw bad('it ends before its end');
  if (announced !== null && announced !== count)
    throw bad(`it announces ${announced} packages and has ${count}`);
}

/** The number of packages in the root's start tag; null if it does not say. */
function announcedIn(text: string, root: string): number | null {
  const open = text.indexOf(`<${root}`);
  const end = text.indexOf('>', open);
  if (open < 0 || end < 0) throw bad(`it has no element ${root}`);
  const [, count] = /\spackages=["'](\d{1,9})["']/.exec(text.slice(open, end)) ?? [];
  return count === undefined ? null : Number(count);
}

function bad(why: string): JamesError {
  return new JamesError('bad-index', `The index of packages is not rpm metadata: ${why}.`);
}
