import type { TSchema } from 'typebox';
import { describeFault, faultsOf } from './check.ts';
import { JamesError, type Position } from './errors.ts';
import { labelsProblem } from './labels.ts';
import { type Control, Control as ControlSchema, UNSUPPORTED_CONTROL_KEYS } from './packet.ts';
import { selectorProblem } from './selector.ts';
import { type Spec, Spec as SpecSchema, UNSUPPORTED_KINDS, UNSUPPORTED_SPEC_KEYS } from './spec.ts';
import { parseRange } from './version-range.ts';
import { describe, parseYaml, type YamlValue } from './yaml.ts';

/** Gives the place of a JSON pointer in the text that a value came from, if it came from one. */
export type Locate = (pointer: string) => Position | undefined;
const nowhere: Locate = () => undefined;

/** The specs of a YAML text, in order. Throws with file, line and column. */
export function parseSpecs(text: string, file?: string): Spec[] {
  return parseYaml(text, file).map((yaml) => readSpec(yaml.value, yaml.positionOf));
}

/** A spec, checked, from a value that JSON or YAML gave. */
export function readSpec(value: unknown, locate: Locate = nowhere): Spec {
  const kind = isRecord(value) ? value.kind : undefined;
  const later = UNSUPPORTED_KINDS.find((name) => name === kind);
  if (later)
    throw fail(
      'unsupported',
      `documents of kind ${later} are not supported by this release`,
      '/kind',
      locate,
    );
  refuseKeys(value, UNSUPPORTED_SPEC_KEYS, 'spec', locate);
  requireShape(SpecSchema, value, 'spec', locate);
  const { kind: _kind, ...spec } = value as Spec & { kind?: string };
  const problem = selectorProblem(spec.target);
  if (problem) throw fail('bad-selector', problem, '/target', locate);
  for (const [index, app] of (spec.apps ?? []).entries()) checkLine(app, `/apps/${index}`, locate);
  return spec;
}

/** The control file of a packet. Throws `bad-packet`, `unknown-key`, `unsupported`, … with line and column. */
export function parseControl(text: string, file = 'control.yaml'): Control {
  const [yaml, ...more] = parseYaml(text, file);
  if (!yaml || more.length > 0)
    throw new JamesError('bad-packet', `${file} must hold exactly one YAML document.`);
  return readControl(yaml);
}

function readControl({ value, positionOf }: YamlValue): Control {
  refuseKeys(value, UNSUPPORTED_CONTROL_KEYS, 'packet', positionOf);
  requireShape(ControlSchema, value, 'packet', positionOf);
  const control = value as Control;
  checkLabels(control.labels, '/labels', positionOf);
  for (const [index, line] of (control.depends ?? []).entries()) {
    checkLine(line, `/depends/${index}`, positionOf);
  }
  return control;
}

/** An app of a spec or a prerequisite of a packet: its labels, its range, and that it does not say the version twice. */
function checkLine(
  line: { labels?: Control['labels']; version?: string },
  pointer: string,
  locate: Locate,
): void {
  checkLabels(line.labels, `${pointer}/labels`, locate);
  if (line.version === undefined) return;
  if (line.labels && Object.hasOwn(line.labels, 'version')) {
    throw fail(
      'bad-document',
      'give a version range or a version label, not both',
      `${pointer}/version`,
      locate,
    );
  }
  try {
    parseRange(line.version);
  } catch (cause) {
    if (!(cause instanceof JamesError)) throw cause;
    throw fail(cause.code, cause.message.replace(/\.$/, ''), `${pointer}/version`, locate);
  }
}

function checkLabels(labels: Control['labels'], pointer: string, locate: Locate): void {
  const problem = labels && labelsProblem(labels);
  if (problem) throw fail('bad-labels', problem, pointer, locate);
}

function refuseKeys(value: unknown, keys: readonly string[], what: string, locate: Locate): void {
  if (!isRecord(value)) return;
  const key = keys.find((name) => Object.hasOwn(value, name));
  if (key !== undefined) {
    throw fail(
      'unsupported',
      `"${key}" of a ${what} is not supported by this release; leave it out`,
      `/${key}`,
      locate,
    );
  }
}

function requireShape(schema: TSchema, value: unknown, what: string, locate: Locate): void {
  const [fault] = faultsOf(schema, value);
  if (!fault) return;
  throw fail(
    fault.unknownKey ? 'unknown-key' : 'bad-document',
    `${what}: ${describeFault(fault)}`,
    fault.path,
    locate,
  );
}

function fail(
  code: JamesError['code'],
  sentence: string,
  pointer: string,
  locate: Locate,
): JamesError {
  const position = locate(pointer);
  const members = { pointer };
  if (!position)
    return new JamesError(code, `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`, { members });
  return new JamesError(code, `${describe(position)}: ${sentence}.`, { members, position });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
