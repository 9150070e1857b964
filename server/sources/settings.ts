import Type, { type Static } from 'typebox';
import { DURATION_PATTERN } from '../../proto/duration.ts';

const Words = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 64 });

/** What the server's configuration says under `sources`. */
export const SourceSettings = Type.Object(
  {
    files: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      default: [],
      maxItems: 256,
      description: 'YAML files and files of Bcfg2 (.xml) that are the truth for their sources',
    }),
    refresh: Type.String({
      pattern: DURATION_PATTERN,
      default: '6h',
      description: 'time between refreshes of an index',
    }),
    metadata: Type.Boolean({
      default: true,
      description: 'false: no index of any source is fetched, and nothing is resolved',
    }),
    resolver: Type.Boolean({ default: true, description: 'false: no prerequisites are added' }),
    threads: Type.Integer({
      minimum: 0,
      maximum: 64,
      default: 4,
      description:
        'threads that resolve packages for many devices, where there are more than two cores',
    }),
    sentinels: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }), Words, {
      default: {},
      description: 'by kind of source: the values of the label os whose devices can use it',
    }),
    maxIndexBytes: Type.Integer({
      minimum: 1024,
      default: 512 * 1024 ** 2,
      description: 'largest file of an index as it is downloaded',
    }),
    maxOpenBytes: Type.Integer({
      minimum: 1024,
      default: 2 * 1024 ** 3,
      description: 'largest file of an index after decompression',
    }),
  },
  { additionalProperties: false, default: {}, description: 'repositories of packages, see below' },
);
export type SourceSettings = Static<typeof SourceSettings>;
