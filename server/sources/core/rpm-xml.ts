const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** The text with the references of XML 1.0 section 4.1 replaced; unknown ones stay as they are. */
export function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{1,4});/gi, (whole, name: string) =>
    name.startsWith('#') ? (characterOf(name.slice(1)) ?? whole) : (named[name] ?? whole),
  );
}

function characterOf(reference: string): string | null {
  const isHex = reference[0] === 'x' || reference[0] === 'X';
  const code = Number.parseInt(isHex ? reference.slice(1) : reference, isHex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}

/** The value of an attribute within the text of a start tag, '' if it is absent. */
export function attributeOf(tag: string, name: string): string {
  for (let from = 0; ; ) {
    const at = tag.indexOf(name, from);
    if (at < 0) return '';
    from = at + name.length;
    if (!isBlank(tag.charCodeAt(at - 1)) || tag[from] !== '=') continue;
    const quote = tag[from + 1];
    if (quote !== '"' && quote !== "'") continue;
    const end = tag.indexOf(quote, from + 2);
    return end < 0 ? '' : decodeXml(tag.slice(from + 2, end));
  }
}

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 10 || code === 13;

/** The text of the first element of that name within `text`, '' if there is none. */
export function elementText(text: string, name: string): string {
  const open = text.indexOf(`<${name}>`);
  if (open < 0) return '';
  const from = open + name.length + 2;
  const end = text.indexOf(`</${name}>`, from);
  return end < 0 ? '' : decodeXml(text.slice(from, end));
}

/** The start tag of the first element of that name, from `<` to before `>`, '' if there is none. */
export function startTag(text: string, name: string): string {
  const open = text.indexOf(`<${name} `);
  if (open < 0) return '';
  const end = text.indexOf('>', open);
  return end < 0 ? '' : text.slice(open, end);
}
