/** libsolv's operators between relations, and rpm's words for them. */
const words: Readonly<Record<string, string>> = {
  '&': 'and',
  '|': 'or',
  '<IF>': 'if',
  '<UNLESS>': 'unless',
  '<ELSE>': 'else',
  '<WITH>': 'with',
  '<WITHOUT>': 'without',
};

type Node = string | { left: Node; operator: string; right: Node };

/** A relation of libsolv's test language as rpm writes it; null if it has what rpm has no word for. */
export function rpmRelation(text: string): string | null {
  if (/namespace:| \+ |<[A-Z]+>/.test(text.replace(/<(IF|UNLESS|ELSE|WITH|WITHOUT)>/g, '')))
    return null;
  const tokens = tokensOf(text);
  const node = readChain(tokens);
  return tokens.length > 0 ? null : textOf(node);
}

function tokensOf(text: string): string[] {
  return text.match(/(?<=^|[\s(])\(|[^\s()]+(?:\([^()\s]*\))*|[()]/g) ?? [];
}

function readChain(tokens: string[]): Node {
  let left = readOperand(tokens);
  while (tokens.length > 0 && (tokens[0] ?? '') in words) {
    const operator = words[tokens.shift() ?? ''] ?? '';
    left = { left, operator, right: readOperand(tokens) };
  }
  return left;
}

function readOperand(tokens: string[]): Node {
  const first = tokens.shift() ?? '';
  if (first !== '(') return readPlain(first, tokens);
  const node = readChain(tokens);
  tokens.shift();
  return node;
}

function readPlain(name: string, tokens: string[]): string {
  if (!/^[<=>]+$/.test(tokens[0] ?? '')) return name;
  return [name, tokens.shift(), tokens.shift()].join(' ');
}

function textOf(node: Node): string {
  if (typeof node === 'string') return node;
  const { left, operator, right } = node;
  if (typeof right !== 'string' && right.operator === 'else')
    return `(${textOf(left)} ${operator} ${textOf(right.left)} else ${textOf(right.right)})`;
  return `(${textOf(left)} ${operator} ${textOf(right)})`;
}
