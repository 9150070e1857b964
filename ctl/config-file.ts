import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type from 'typebox';
import { stringify } from 'yaml';
import { requireValid } from '../proto/check.ts';
import { JamesError } from '../proto/errors.ts';
import { ID_PATTERN } from '../proto/ids.ts';
import { parseYaml } from '../proto/yaml.ts';

const ContextEntry = Type.Object(
  {
    server: Type.String({ maxLength: 2048 }),
    token: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { additionalProperties: false },
);

/** `ctl.yaml`: named servers, and which of them is meant when nothing else is said. */
export const ConfigFile = Type.Object(
  {
    current: Type.Optional(Type.String()),
    contexts: Type.Optional(Type.Record(Type.String({ pattern: ID_PATTERN }), ContextEntry)),
  },
  { additionalProperties: false },
);
export interface ConfigFile {
  current?: string;
  contexts?: Record<string, { server: string; token?: string }>;
}

/** Where the file is: `--config`, `$JAMESD_CTL_CONFIG`, `$XDG_CONFIG_HOME/jamesd/ctl.yaml`, `~/.config/jamesd/ctl.yaml`. */
export function configPath(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  given?: string,
): string {
  const named = given ?? env.JAMESD_CTL_CONFIG;
  if (named) return named;
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'jamesd', 'ctl.yaml');
}

/** The file's content; empty if there is no file. Throws `bad-config` with file, line and column. */
export async function loadConfig(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new JamesError('bad-config', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const [yaml, ...more] = parseYaml(text, path);
  if (more.length > 0) throw new JamesError('bad-config', `${path} must hold one YAML document.`);
  return requireValid(ConfigFile, yaml?.value ?? {}, path, 'bad-config') as ConfigFile;
}

/** Replaces the file in one step, readable by its owner only: it holds tokens. */
export async function saveConfig(path: string, config: ConfigFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}.new`;
  try {
    await writeFile(fresh, stringify(config), { mode: 0o600 });
    await chmod(fresh, 0o600);
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw cause;
  }
}
