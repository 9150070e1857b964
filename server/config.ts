import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Type, { type Static, type TSchema } from 'typebox';
import Value from 'typebox/value';
import { faultsOf } from '../proto/check.ts';
import { JamesError } from '../proto/errors.ts';
import { parseYaml } from '../proto/yaml.ts';
import { type Address, isLoopback, parseAddress } from './address.ts';
import { logLevels } from './log.ts';
import { SourceSettings } from './sources/settings.ts';

const GIB = 1024 ** 3;

/** Every setting of the server. A key `tokenFile` is the flag `--token-file` and the variable `JAMESD_TOKEN_FILE`. */
export const ConfigSchema = Type.Object(
  {
    data: Type.String({
      default: './data',
      description: 'the directory of everything that is kept',
    }),
    http: Type.String({ default: '127.0.0.1:7600', description: 'address of HTTP' }),
    mqtt: Type.String({ default: '127.0.0.1:1883', description: 'address of MQTT' }),
    tokenFile: Type.Optional(
      Type.String({ description: "holds the operator's token; made if absent" }),
    ),
    insecure: Type.Boolean({
      default: false,
      description: 'listen without TLS where others can reach it',
    }),
    logLevel: Type.Union(
      logLevels.map((level) => Type.Literal(level)),
      { default: 'info', description: 'debug, info, warn, error or silent' },
    ),
    maxPacketBytes: Type.Integer({ minimum: 1, default: 4 * GIB, description: 'largest packet' }),
    maxBodyBytes: Type.Integer({
      minimum: 1024,
      default: 4 * 1024 ** 2,
      description: 'largest JSON body',
    }),
    minFreeBytes: Type.Integer({
      minimum: 0,
      default: GIB / 2,
      description: 'uploads leave at least this free',
    }),
    removalPercent: Type.Number({
      minimum: 0,
      maximum: 100,
      default: 20,
      description: 'removals on more devices than this need confirmation',
    }),
    eventDays: Type.Integer({ minimum: 1, default: 30, description: 'how long events are kept' }),
    eventCount: Type.Integer({ minimum: 1, default: 5_000_000, description: 'how many are kept' }),
    sources: SourceSettings,
  },
  { additionalProperties: false },
);
type Settings = Static<typeof ConfigSchema>;

/** The settings with addresses parsed and paths absolute. */
export type Config = Omit<Settings, 'http' | 'mqtt'> & { http: Address; mqtt: Address };

export interface ConfigSources {
  /** By key, as given on the command line; text for anything but a switch. `config` names the file. */
  flags: Readonly<Record<string, string | boolean | undefined>>;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * The configuration: a flag before a `JAMESD_…` variable before the file (`--config`, `JAMESD_CONFIG`; YAML) before the
 * default. Throws `bad-config`, `unknown-key` and what reading YAML throws, each naming the place of the fault.
 */
export function loadConfig({ flags, env }: ConfigSources): Config {
  const file = flags.config ?? env.JAMESD_CONFIG;
  const given: Record<string, unknown> = {};
  const places: Record<string, string> = {};
  const schemas: Record<string, TSchema> = ConfigSchema.properties;
  const take = (key: string, value: unknown, place: string): void => {
    const schema = Object.hasOwn(schemas, key) ? schemas[key] : undefined;
    given[key] = schema ? Value.Convert(schema, structured(schema, value)) : value;
    places[key] = place;
  };
  if (typeof file === 'string') readConfigFile(file, take);
  for (const key of Object.keys(schemas)) {
    const variable = `JAMESD_${words(key).join('_').toUpperCase()}`;
    if (env[variable] !== undefined) take(key, env[variable], variable);
    const flag = flags[key];
    if (flag !== undefined) take(key, flag, `--${words(key).join('-')}`);
  }
  return finish(Value.Default(ConfigSchema, given), places);
}

/** A mapping is written as YAML where there is only room for a text. */
function structured(schema: TSchema, value: unknown): unknown {
  if (typeof value !== 'string' || !('properties' in schema)) return value;
  return parseYaml(value)[0]?.value ?? {};
}

function readConfigFile(
  path: string,
  take: (key: string, value: unknown, place: string) => void,
): void {
  const [document, second] = parseYaml(readText(path), path);
  if (!document) return;
  const { value } = document;
  if (second || typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new JamesError('bad-config', `${path} must be one mapping of keys to values.`);
  }
  for (const [key, part] of Object.entries(value)) {
    const { line, column } = document.positionOf(`/${key}`);
    take(key, part, `${path}:${line}:${column}, ${key}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new JamesError('bad-config', `The configuration ${path} cannot be read (${code}).`, {
      cause,
    });
  }
}

function finish(settings: unknown, places: Record<string, string>): Config {
  const [fault] = faultsOf(ConfigSchema, settings);
  if (fault) {
    const [key = '', ...inner] = fault.path.slice(1).split('/');
    const place = [places[key] ?? key, ...inner].join(', ');
    const code = fault.unknownKey ? 'unknown-key' : 'bad-config';
    throw new JamesError(code, `${place}: ${describe(fault.path.slice(1), fault.message)}.`);
  }
  const valid = settings as Settings;
  const config = {
    ...valid,
    data: resolve(valid.data),
    ...(valid.tokenFile !== undefined && { tokenFile: resolve(valid.tokenFile) }),
    http: addressAt(valid.http, places.http ?? 'http'),
    mqtt: addressAt(valid.mqtt, places.mqtt ?? 'mqtt'),
  };
  for (const key of ['http', 'mqtt'] as const) refuseOpen(config, key, places[key] ?? key);
  return config;
}

/** The fault in words; a choice of a few texts names them. */
function describe(key: string, message: string): string {
  if (key === 'logLevel') return `must be one of ${logLevels.join(', ')}`;
  return message;
}

function addressAt(text: string, place: string): Address {
  try {
    return parseAddress(text);
  } catch (error) {
    throw new JamesError('bad-config', `${place}: ${(error as Error).message}`, { cause: error });
  }
}

function refuseOpen(config: Config, key: 'http' | 'mqtt', place: string): void {
  if (isLoopback(config[key]) || config.insecure) return;
  throw new JamesError(
    'bad-config',
    `${place}: others could reach ${config[key].host}, and tokens would travel in the clear. Listen on 127.0.0.1, or say --insecure.`,
  );
}

/** `tokenFile` → `token`, `file`. */
function words(key: string): string[] {
  return key.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}

/** The schema's description and default of a key, for the help of the command line. */
export function describeSetting(key: keyof Settings): string {
  const schema = ConfigSchema.properties[key] as unknown as Documented;
  const { description = '' } = schema;
  return schema.default === undefined || typeof schema.default === 'object' || !schema.default
    ? description
    : `${description} (default ${schema.default})`;
}

/** For the help: how a setting is written in the file and the environment, and those that are no flags. */
export function describeFurtherSettings(flags: readonly string[]): string {
  const further = (Object.keys(ConfigSchema.properties) as (keyof Settings)[]).filter(
    (key) => !flags.includes(key),
  );
  return [
    'Each setting is also a key of the file (tokenFile) and an environment variable',
    '(JAMESD_TOKEN_FILE). A flag comes before a variable, a variable before the file.',
    'Only in the file and the environment:',
    ...further.map((key) => `  ${key.padEnd(15)} ${describeSetting(key)}`),
  ].join('\n');
}

interface Documented {
  description?: string;
  default?: unknown;
}
