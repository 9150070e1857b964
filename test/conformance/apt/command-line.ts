/** A command of apt, apt-get or apt-mark, taken apart. */
export interface CommandLine {
  program: string;
  verb: string;
  names: string[];
  /** Options by their long name, with the last value; without a value ''. */
  options: Map<string, string>;
  /** `-o NAME=VALUE`; names in lower case. */
  config: Map<string, string>;
}

const longNames: Record<string, string> = {
  s: 'simulate',
  y: 'assume-yes',
  q: 'quiet',
  t: 'target-release',
  o: 'option',
  a: 'host-architecture',
  P: 'build-profiles',
  V: 'verbose-versions',
  f: 'fix-broken',
  d: 'download-only',
  m: 'ignore-missing',
};
const aliases: Record<string, string> = {
  'just-print': 'simulate',
  'dry-run': 'simulate',
  recon: 'simulate',
  'no-act': 'simulate',
  yes: 'assume-yes',
  'default-release': 'target-release',
};
const withValue = new Set([
  'target-release',
  'option',
  'host-architecture',
  'build-profiles',
  'solver',
  'planner',
  'with-source',
  'format',
  'comment',
  'config-file',
]);

/** Reads the words of a command as apt does: short options may stand together and take the next word. */
export function readCommandLine([program = '', ...words]: readonly string[]): CommandLine {
  const plain: string[] = [];
  const options = new Map<string, string>();
  const config = new Map<string, string>();
  const set = (name: string, value: string): void => {
    if (name === 'option') setConfig(config, value);
    else options.set(name, value);
  };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith('--')) readLong(word.slice(2), rest, set);
    else if (word.startsWith('-') && word.length > 1) readShort(word.slice(1), rest, set);
    else plain.push(word);
  }
  const [verb = '', ...names] = plain;
  return { program, verb, names, options, config };
}

type Set_ = (name: string, value: string) => void;

function readLong(word: string, rest: string[], set: Set_): void {
  const equals = word.indexOf('=');
  const written = equals < 0 ? word : word.slice(0, equals);
  const name = aliases[written] ?? written;
  if (equals >= 0) set(name, word.slice(equals + 1));
  else set(name, withValue.has(name) ? (rest.shift() ?? '') : '');
}

function readShort(letters: string, rest: string[], set: Set_): void {
  for (let at = 0; at < letters.length; at += 1) {
    const name = longNames[letters.charAt(at)] ?? letters.charAt(at);
    const after = letters.slice(at + 1);
    if (withValue.has(name)) {
      set(name, after === '' ? (rest.shift() ?? '') : after.replace(/^=/, ''));
      return;
    }
    const level = /^=?\d+/.exec(name === 'quiet' ? after : '')?.[0] ?? '';
    at += level.length;
    set(name, level.replace(/^=/, ''));
  }
}

function setConfig(config: Map<string, string>, assignment: string): void {
  const equals = assignment.indexOf('=');
  if (equals < 0) config.set(assignment.toLowerCase(), '');
  else config.set(assignment.slice(0, equals).toLowerCase(), assignment.slice(equals + 1));
}

/** Whether a switch is on: `--x` and `--no-x`, or its setting. */
export function isOn(
  { options, config }: CommandLine,
  option: string,
  setting: string,
  otherwise: boolean,
): boolean {
  let on = otherwise;
  const said = config.get(setting.toLowerCase());
  if (said !== undefined) on = !/^(0|no|false|off|without)$/i.test(said);
  for (const [name, value] of options) {
    if (name === option) on = !/^(0|no|false|off)$/i.test(value);
    if (name === `no-${option}` || name === option.replace(/^with-/, 'without-')) {
      if (name !== option) on = false;
    }
  }
  return on;
}

export function isSimulated({ options }: CommandLine): boolean {
  return options.has('simulate');
}
