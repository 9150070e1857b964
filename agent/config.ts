import { resolve } from 'node:path';
import Type, { type TSchema } from 'typebox';
import { faultsOf } from '../proto/check.ts';
import { DURATION_PATTERN, parseDuration } from '../proto/duration.ts';
import { JamesError } from '../proto/errors.ts';
import { isDeviceId } from '../proto/ids.ts';
import { Labels, labelsProblem, parseLabels } from '../proto/labels.ts';
import { DRIVERS_DIRECTORY } from './external/drivers-directory.ts';
import type { ManagerChoice } from './packages/choose-manager.ts';

const Path = Type.String({ minLength: 1, maxLength: 4096 });
const logLevels = ['debug', 'info', 'warn', 'error'] as const;
/** Which package manager the agent may use. */
const packageChoices = ['auto', 'off', 'apt', 'dnf', 'zypper'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Everything that can be set, by its key in the configuration file. */
export const Settings = Type.Object(
  {
    server: Type.String({ pattern: '^https?://[^/]', maxLength: 2048 }),
    mqtt: Type.String({ pattern: '^(off|(mqtts?|wss?)://.+)$', maxLength: 2048 }),
    poll: Type.String({ pattern: DURATION_PATTERN }),
    joinToken: Type.String({ minLength: 1, maxLength: 4096 }),
    id: Type.String({ maxLength: 128 }),
    labels: Labels,
    root: Path,
    state: Path,
    once: Type.Boolean(),
    packages: Type.Union(packageChoices.map((choice) => Type.Literal(choice))),
    drivers: Path,
    reboot: Type.String({ minLength: 1, maxLength: 4096 }),
    bootId: Path,
    logLevel: Type.Union(logLevels.map((level) => Type.Literal(level))),
  },
  { additionalProperties: false },
);
export interface Settings {
  server: string;
  mqtt: string;
  poll: string;
  joinToken: string;
  id: string;
  labels: Labels;
  root: string;
  state: string;
  once: boolean;
  packages: ManagerChoice;
  drivers: string;
  reboot: string;
  bootId: string;
  logLevel: LogLevel;
}
type Key = keyof Settings;

/** Each setting as a flag; the environment variable is `JAMESC_` and the flag's words. */
export const SETTINGS: readonly { key: Key; flag: string; argument: string; about: string }[] = [
  { key: 'server', flag: 'server', argument: 'URL', about: 'the server, such as http://hub:7600' },
  {
    key: 'mqtt',
    flag: 'mqtt',
    argument: 'URL|off',
    about: "the broker; the server's host if not given",
  },
  {
    key: 'poll',
    flag: 'poll',
    argument: 'DURATION',
    about: 'interval where requests cannot be held (30s)',
  },
  {
    key: 'joinToken',
    flag: 'join-token',
    argument: 'TOKEN',
    about: 'what an unknown device joins with',
  },
  {
    key: 'id',
    flag: 'id',
    argument: 'ID',
    about: 'the device id; derived from the machine id if not given',
  },
  { key: 'labels', flag: 'labels', argument: 'K=V,…', about: 'labels of this device' },
  { key: 'root', flag: 'root', argument: 'DIR', about: 'where packets are installed (/)' },
  {
    key: 'state',
    flag: 'state',
    argument: 'DIR',
    about: 'where the agent keeps its state (/var/lib/jamesc)',
  },
  {
    key: 'once',
    flag: 'once',
    argument: '',
    about: 'converge once and end: 0 converged, 1 failed, 3 waiting',
  },
  {
    key: 'packages',
    flag: 'packages',
    argument: 'MANAGER',
    about: 'the package manager: auto, off, apt, dnf or zypper (auto)',
  },
  {
    key: 'drivers',
    flag: 'drivers',
    argument: 'DIR',
    about: `programs that install packets of other kinds (${DRIVERS_DIRECTORY})`,
  },
  {
    key: 'reboot',
    flag: 'reboot',
    argument: 'COMMAND',
    about: 'what restarts the machine (systemctl reboot; with another root: off)',
  },
  {
    key: 'bootId',
    flag: 'boot-id',
    argument: 'FILE',
    about: 'a file that says which boot this is (/proc/sys/kernel/random/boot_id)',
  },
  {
    key: 'logLevel',
    flag: 'log-level',
    argument: 'LEVEL',
    about: 'debug, info, warn or error (info)',
  },
];

export interface Config {
  server: URL;
  /** Null: HTTP only. */
  mqtt: string | null;
  pollMs: number;
  joinToken: string | null;
  /** Null: the id of the identity in the state directory, or one derived from the machine id. */
  id: string | null;
  labels: Labels;
  /** Absolute, as is `state`. */
  root: string;
  state: string;
  once: boolean;
  packages: ManagerChoice;
  /** The host's path of the directory of drivers. */
  drivers: string;
  /** The shell command that restarts the machine; null: nobody does. */
  reboot: string | null;
  bootId: string;
  logLevel: LogLevel;
}

export type Environment = Readonly<Record<string, string | undefined>>;
/** Texts by key; `once` is given by any text but `false` and `0`. */
export type Flags = Readonly<Partial<Record<Key, string>>>;

export const variableOf = (flag: string): string =>
  `JAMESC_${flag.toUpperCase().replaceAll('-', '_')}`;

/**
 * The configuration: flag before environment before file (`{}` if there is none) before default. Throws `usage` or
 * `bad-labels` with the place.
 */
export function readConfig(flags: Flags, env: Environment, file: Partial<Settings>): Config {
  const settings: Partial<Settings> = { ...file };
  for (const { key, flag } of SETTINGS) {
    const variable = variableOf(flag);
    const fromEnv = env[variable];
    if (fromEnv !== undefined && fromEnv !== '')
      Object.assign(settings, { [key]: readText(key, fromEnv, variable) });
    const given = flags[key];
    if (given !== undefined) Object.assign(settings, { [key]: readText(key, given, `--${flag}`) });
  }
  return configOf(settings);
}

/** A setting's value from the text of a flag or variable. */
function readText(key: Key, text: string, place: string): Settings[Key] {
  const value = key === 'once' ? text !== 'false' && text !== '0' : textValue(key, text, place);
  const schema = Settings.properties[key] as TSchema;
  const [fault] = faultsOf(schema, value);
  if (fault)
    throw new JamesError('usage', `${place}: ${expected(key)}, not "${text.slice(0, 60)}".`);
  return value;
}

function textValue(key: Key, text: string, place: string): string | Labels {
  if (key !== 'labels') return text;
  try {
    return parseLabels(text);
  } catch (error) {
    if (!(error instanceof JamesError)) throw error;
    throw new JamesError('usage', `${place}: ${error.message}`, { cause: error });
  }
}

function expected(key: Key): string {
  const words: Partial<Record<Key, string>> = {
    server: 'give an address such as http://hub:7600',
    mqtt: 'give mqtt://, mqtts://, ws:// or wss:// and a host, or "off"',
    poll: 'give a number with its unit, such as 30s or 5m',
    root: 'give a directory',
    state: 'give a directory',
    drivers: 'give a directory',
    packages: `give one of ${packageChoices.join(', ')}`,
    logLevel: `give one of ${logLevels.join(', ')}`,
  };
  return words[key] ?? 'give another text';
}

function configOf(settings: Partial<Settings>): Config {
  if (settings.server === undefined)
    throw new JamesError('usage', 'Say where the server is: --server http://HOST:7600.');
  const server = readUrl(settings.server, 'server');
  const problem = labelsProblem(settings.labels ?? {});
  if (problem) throw new JamesError('bad-labels', `labels: ${problem}.`);
  if (settings.id !== undefined && !isDeviceId(settings.id))
    throw new JamesError(
      'usage',
      `"${settings.id.slice(0, 40)}" is no device id: use letters, digits, ".", "_" or "-".`,
    );
  const root = resolve(settings.root ?? '/');
  return {
    server,
    mqtt: mqttUrl(settings.mqtt, server),
    pollMs: parseDuration(settings.poll ?? '30s'),
    joinToken: settings.joinToken ?? null,
    id: settings.id ?? null,
    labels: settings.labels ?? {},
    root,
    state: resolve(settings.state ?? '/var/lib/jamesc'),
    once: settings.once ?? false,
    packages: settings.packages ?? 'auto',
    drivers: resolve(settings.drivers ?? DRIVERS_DIRECTORY),
    reboot: rebootCommand(settings.reboot, root),
    bootId: resolve(settings.bootId ?? '/proc/sys/kernel/random/boot_id'),
    logLevel: settings.logLevel ?? 'info',
  };
}

/** Who installs below another root does not restart the machine for it, unless told how. */
function rebootCommand(text: string | undefined, root: string): string | null {
  if (text === 'off') return null;
  return text ?? (root === '/' ? 'systemctl reboot' : null);
}

function mqttUrl(text: string | undefined, server: URL): string | null {
  if (text === 'off') return null;
  if (text !== undefined) return readUrl(text, 'mqtt').href;
  return server.protocol === 'https:'
    ? `mqtts://${server.hostname}:8883`
    : `mqtt://${server.hostname}:1883`;
}

function readUrl(text: string, what: string): URL {
  if (!URL.canParse(text)) throw new JamesError('usage', `${what}: "${text}" is no address.`);
  return new URL(text);
}
