import { sha256Of } from '../../proto/digest.ts';
import type { PackageWorld } from '../core/package-model.ts';
import { emptyAnswer } from '../resolver/core/answer.ts';
import type { PackageSupply } from './plan-inputs.ts';

const emptyWorld: PackageWorld = {
  sources: [],
  resolver: true,
  verdict: () => ({
    applies: false,
    type: null,
    archs: [],
    native: '',
    archMissing: false,
    unmet: [],
  }),
  whole: () => ({ type: null, archs: [] }),
  view: () => {
    throw new Error('there are no sources');
  },
  resolve: () => emptyAnswer,
  trace: () => [],
  digest: sha256Of,
  remember: (_about, _key, make) => make(),
  desired: () => ({ list: [], digest: '' }),
};

/** Where nobody has sources: every package that is asked for is a problem. */
export const noSupply: PackageSupply = {
  sources: () => [],
  world: () => emptyWorld,
  keysOf: () => [],
  onDocuments: () => () => {},
  onRefresh: () => () => {},
  ahead: null,
};
