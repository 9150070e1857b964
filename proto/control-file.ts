import { checkLabels, documentFault, type Locate, requireShape } from './document-fault.ts';
import { checkLine, checkPackageLines, requirePackageShapes } from './document-lines.ts';
import { JamesError } from './errors.ts';
import { type Control, Control as ControlSchema } from './packet.ts';
import { durationFaults, healthFaults } from './policy-rules.ts';
import { parseYaml, type YamlValue } from './yaml.ts';

/** The control file of a packet. Throws `bad-packet`, `unknown-key`, `unsupported`, … with line and column. */
export function parseControl(text: string, file = 'control.yaml'): Control {
  const [yaml, ...more] = parseYaml(text, file);
  if (!yaml || more.length > 0)
    throw new JamesError('bad-packet', `${file} must hold exactly one YAML document.`);
  return readControl(yaml);
}

function readControl({ value, positionOf }: YamlValue): Control {
  requirePackageShapes(value, 'packet', positionOf);
  requireShape(ControlSchema, value, 'packet', positionOf);
  const control = value as Control;
  checkLabels(control.labels, '/labels', positionOf);
  for (const [index, line] of (control.depends ?? []).entries())
    checkLine(line, `/depends/${index}`, positionOf);
  checkPackageLines(control.packages ?? [], '/packages', positionOf);
  checkTimes(control, positionOf);
  return control;
}

function checkTimes({ health, scripts }: Control, locate: Locate): void {
  const faults = [
    ...healthFaults(health ?? {}, '/health'),
    ...durationFaults(scripts?.timeout, '/scripts/timeout'),
  ];
  for (const { at, sentence } of faults) throw documentFault('bad-document', sentence, at, locate);
}
