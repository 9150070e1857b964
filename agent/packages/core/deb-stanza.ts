/** What a package of dpkg's database is, as its file said it. */
export interface DebStanza {
  /** The control file that it had. */
  control: string;
  /** Absolute paths of its configuration files. */
  conffiles: string[];
}

/** Fields that dpkg adds to a control file. */
const ADDED = /^(Status|Config-Version|Conffiles|Triggers-Pending|Triggers-Awaited)$/i;

/**
 * The stanza of an installed package in dpkg's status file (deb-control(5)), or null if that package is not there in that
 * version and architecture.
 */
export function findDebStanza(
  status: string,
  wanted: { name: string; version: string; arch: string },
): DebStanza | null {
  for (const text of status.split(/\n{2,}/)) {
    const fields = fieldsOf(text);
    const is = (name: string, value: string): boolean => textOf(fields, name) === value;
    if (!is('Package', wanted.name) || !is('Architecture', wanted.arch)) continue;
    if (!is('Version', wanted.version) || !textOf(fields, 'Status').endsWith(' installed'))
      continue;
    return {
      control: `${fields.flatMap(({ name, lines }) => (ADDED.test(name) ? [] : lines)).join('\n')}\n`,
      conffiles: conffilesOf(fields),
    };
  }
  return null;
}

interface Field {
  name: string;
  lines: string[];
}

function fieldsOf(text: string): Field[] {
  const fields: Field[] = [];
  for (const line of text.split('\n')) {
    if (/^\s/.test(line)) fields.at(-1)?.lines.push(line);
    else if (line !== '') fields.push({ name: line.slice(0, line.indexOf(':')), lines: [line] });
  }
  return fields;
}

function textOf(fields: readonly Field[], name: string): string {
  const [line = ''] = fields.find((field) => field.name === name)?.lines ?? [];
  return line.slice(line.indexOf(':') + 1).trim();
}

/** Lines ` /path md5`; what is obsolete is no configuration file of it any more. */
function conffilesOf(fields: readonly Field[]): string[] {
  const { lines = [] } = fields.find(({ name }) => name === 'Conffiles') ?? {};
  return lines.slice(1).flatMap((line) => {
    const [, path = '', flag] = /^ (.+?) [0-9a-f]{32}(?: (\S+))?$/.exec(line) ?? [];
    return path === '' || flag !== undefined ? [] : [path];
  });
}

/** Whether another package's diversion (deb: /var/lib/dpkg/diversions, three lines each) moves one of these paths away. */
export function isDiverted(diversions: string, name: string, paths: ReadonlySet<string>): boolean {
  const lines = diversions.split('\n');
  for (let at = 0; at + 2 < lines.length; at += 3)
    if (paths.has(lines[at] ?? '') && lines[at + 2] !== name) return true;
  return false;
}
