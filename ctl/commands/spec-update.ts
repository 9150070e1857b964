import { changeOptions, ifMatchOption } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { any, texts } from '../option.ts';
import { storeSpecs } from '../store-specs.ts';

export const specUpdate = defineCommand({
  name: 'spec update',
  summary: 'replace specs that exist; fails for those that do not',
  arguments: { files: any('file', 'YAML or JSON files, directories, or - for stdin', 'file') },
  options: {
    file: texts('-f, --file <file>', 'the same; may be given several times', 'file'),
    ...ifMatchOption,
    ...changeOptions,
  },
  examples: [
    'jamesd-ctl spec update logger-spec.yaml',
    'jamesd-ctl spec update logger-spec.yaml --if-match 3',
  ],
  run: ({ files, file, ...options }, context) =>
    storeSpecs([...files, ...file], 'update', options, context),
});
