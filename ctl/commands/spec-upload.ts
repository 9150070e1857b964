import { changeOptions, ifMatchOption } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { any, texts } from '../option.ts';
import { storeSpecs } from '../store-specs.ts';

export const specUpload = defineCommand({
  name: 'spec upload',
  summary: 'create specs or replace them',
  arguments: { files: any('file', 'YAML or JSON files, directories, or - for stdin', 'file') },
  options: {
    file: texts('-f, --file <file>', 'the same; may be given several times', 'file'),
    ...ifMatchOption,
    ...changeOptions,
  },
  examples: [
    'jamesd-ctl spec upload logger-spec.yaml -m "logger 1.1 for alpha"',
    'jamesd-ctl spec get logger-spec | sed s/1.0.0/1.1.0/ | jamesd-ctl spec upload -f -',
  ],
  run: ({ files, file, ...options }, context) =>
    storeSpecs([...files, ...file], 'upsert', options, context),
});
