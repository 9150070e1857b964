import type { TSchema } from 'typebox';
import { Desired } from '../../proto/desired.ts';
import { Control } from '../../proto/packet.ts';
import { Reported } from '../../proto/reported.ts';
import { Source } from '../../proto/source.ts';
import { Spec } from '../../proto/spec.ts';
import { defineCommand } from '../command.ts';
import { needs, oneOf } from '../option.ts';
import { jsonText } from '../print/format.ts';
import { lines } from '../print/view.ts';

const schemas: Readonly<
  Record<'spec' | 'source' | 'packet' | 'desired' | 'reported', { title: string; schema: TSchema }>
> = {
  spec: { title: 'A spec of jamesd', schema: Spec },
  source: { title: 'A source of packages for jamesd', schema: Source },
  packet: { title: 'control.yaml of a jamesd packet', schema: Control },
  desired: { title: 'The desired document of a device', schema: Desired },
  reported: { title: 'What a device reports', schema: Reported },
};
const kinds = Object.keys(schemas) as (keyof typeof schemas)[];

export const schema = defineCommand({
  name: 'schema',
  summary: 'print the JSON schema of a kind of document',
  details: 'An editor that knows YAML schemas can check documents while they are written.',
  arguments: {
    kind: needs('kind', 'Spec, Source, Packet (control.yaml), Desired or Reported', kinds),
  },
  options: {},
  examples: ['jamesd-ctl schema Spec > spec.schema.json'],
  async run({ kind }) {
    const { title, schema: body } = schemas[oneOf(kind.toLowerCase(), kinds)];
    const document = { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...body };
    return { data: document, view: lines(...jsonText(document).trimEnd().split('\n')) };
  },
});
