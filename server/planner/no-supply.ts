import { sha256Of } from '../../proto/digest.ts';
import { lockJson } from '../core/package-lock.ts';
import type { PackageWorld } from '../core/package-model.ts';
import { emptyResolution } from '../core/package-request.ts';
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
  resolve: () => emptyResolution,
  trace: () => [],
  lockText(lock) {
    const text = lockJson(lock);
    return { digest: sha256Of(text), text, count: lock.packages.length };
  },
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
};
