import Type from 'typebox';
import { describeFault, faultsOf } from '../proto/check.ts';
import { JamesError } from '../proto/errors.ts';
import { describe, parseYaml } from '../proto/yaml.ts';
import { Settings } from './config.ts';

/** Each setting once at most, nothing else. */
const FileSettings = Type.Partial(Settings, { additionalProperties: false });

/**
 * The settings in a configuration file (YAML). Throws `bad-config`, `unknown-key`, `bad-yaml` or `duplicate-key` with file,
 * line and column.
 */
export function readConfigFile(path: string, text: string): Partial<Settings> {
  const [yaml, ...more] = parseYaml(text, path);
  if (more.length > 0) throw new JamesError('bad-config', `${path} must hold one YAML document.`);
  if (yaml === undefined) return {};
  const [fault] = faultsOf(FileSettings, yaml.value);
  if (fault) {
    throw new JamesError(
      fault.unknownKey ? 'unknown-key' : 'bad-config',
      `${describe(yaml.positionOf(fault.path))}: ${describeFault(fault)}.`,
    );
  }
  return yaml.value as Partial<Settings>;
}
