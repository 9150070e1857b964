import { hash } from 'node:crypto';
import { canonicalJson } from '../../proto/canonical-json.ts';
import type { Labels } from '../../proto/labels.ts';
import type {
  AppliedSource,
  DesiredSources,
  PackageView,
  PackageWorld,
  SourceEntry,
  SourceVerdict,
} from '../core/package-model.ts';
import type { Answer } from '../resolver/core/answer.ts';
import type { Request, Resolution } from '../resolver/core/resolution.ts';
import { trace } from '../resolver/core/resolve.ts';
import type { SolverPool } from '../resolver/solving/solver-pool.ts';
import type { LoadedIndex } from '../sources/catalogue.ts';
import { deviceSources, type RenderFile } from '../sources/device-sources.ts';
import type { Kinds } from '../sources/kinds.ts';
import { parseSourceTemplate } from '../sources/template.ts';
import { createAnswersAhead } from './answers-ahead.ts';
import { createMemo } from './memo.ts';
import { type BuiltView, createPackageViews } from './package-views.ts';
import type { PackageSupply } from './plan-inputs.ts';
import { createResolutions } from './resolutions.ts';
import type { ResolverLog } from './resolver-log.ts';
import { judgeSource } from './source-verdict.ts';

/** What the supply is made over. */
export interface PackageSupplyParts {
  documents: {
    all(): Iterable<SourceEntry>;
    onChange(listener: () => void): () => void;
  };
  catalogue: {
    indexesOf(source: string): readonly LoadedIndex[];
    onChange(listener: (ids: readonly string[]) => void): () => void;
    /** Looks paths up in the repositories' lists of files; what is found comes as a change. */
    needPaths?(sourceIds: readonly string[], paths: ReadonlySet<string>): Promise<boolean>;
  };
  kinds: Kinds;
  /** False: no prerequisites are added on this server. */
  resolver: boolean;
  /** False: no source has an index. */
  metadata: boolean;
  renderFile: RenderFile;
  /** Other threads that resolve packages, for many answers at once; absent: there are none. */
  solvers?: Pick<SolverPool, 'width' | 'solve' | 'forget'>;
  /** Hears of every answer of the resolver. */
  debug?: Pick<ResolverLog, 'answered'>;
}

/** Sources and their packages for planning. Views and answers are shared between all that are equal. */
export function createPackageSupply(parts: PackageSupplyParts): PackageSupply {
  const { documents, catalogue, kinds, renderFile } = parts;
  const kindOf = (type: string) => kinds.get(type);
  const resolutions = createResolutions();
  const views = createPackageViews({
    ...{ indexesOf: catalogue.indexesOf, kindOf },
    dropped(view) {
      resolutions.forget(view);
      parts.solvers?.forget(view.view);
    },
  });
  const lookForPaths = createPathSearch(catalogue);
  const memo = createMemo();
  const resolve = (view: PackageView, request: Request): Answer => {
    const resolution = resolutions.of(view as BuiltView, request);
    parts.debug?.answered(view as BuiltView, request, resolution);
    lookForPaths(view as BuiltView, resolution);
    return resolution;
  };

  const desired = (applied: readonly AppliedSource[], labels: Labels): DesiredSources => {
    const list = deviceSources(applied, { kinds, labels, renderFile });
    return { list, digest: hash('sha256', canonicalJson(list), 'hex') };
  };
  const rememberDesired = createDesiredMemo(desired);
  const withoutIndex = createWithoutIndex();
  const templateKeys = createTemplateKeys();

  return {
    sources: documents.all,
    *keysOf(sources) {
      for (const source of sources) {
        yield* Object.keys(source.target);
        yield* templateKeys(source);
      }
    },
    onDocuments: documents.onChange,
    onRefresh: catalogue.onChange,
    ahead: parts.solvers ? createAnswersAhead(resolutions, parts.solvers) : null,
    world(sources = documents.all()): PackageWorld {
      return {
        sources: [...sources]
          .map((source) => (parts.metadata ? source : withoutIndex(source)))
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
        resolver: parts.resolver,
        verdict: (source, labels) => judgeSource(source, kindOf(source.type), labels),
        whole: (source) => wholeOf(source, parts),
        view: (applied) => views.of(applied),
        resolve,
        trace: (view, request) => trace((view as BuiltView).view, request),
        digest: (text) => `sha256:${hash('sha256', text, 'hex')}`,
        remember: memo.remember,
        desired: rememberDesired,
      };
    },
  };
}

function wholeOf(
  source: SourceEntry,
  { catalogue, kinds }: PackageSupplyParts,
): Pick<SourceVerdict, 'type' | 'archs'> {
  const archs = catalogue.indexesOf(source.id).flatMap(({ address }) => address.arch ?? []);
  return { type: kinds.get(source.type)?.family ?? null, archs: [...new Set(archs)] };
}

/** As many answers as are remembered; there is one per set of sources and architectures. */
const MAX_DESIRED = 1000;

/** Sources without templates look the same on all devices with the same architectures. */
function createDesiredMemo(
  make: (applied: readonly AppliedSource[], labels: Labels) => DesiredSources,
): (applied: readonly AppliedSource[], labels: Labels) => DesiredSources {
  const known = new Map<string, DesiredSources>();
  const numbers = new WeakMap<object, number>();
  let last = 0;
  const numberOf = (source: object): number => {
    const number = numbers.get(source) ?? ++last;
    numbers.set(source, number);
    return number;
  };
  return (applied, labels) => {
    if (applied.some(({ source }) => source.template !== undefined)) return make(applied, labels);
    const key = applied
      .map(({ source, verdict }) => `${numberOf(source)} ${verdict.archs.join(' ')}`)
      .join('\n');
    const found = known.get(key) ?? make(applied, labels);
    if (known.size >= MAX_DESIRED) known.clear();
    known.set(key, found);
    return found;
  };
}

/** The source as if it had no index; the same object for the same source. */
function createWithoutIndex(): (source: SourceEntry) => SourceEntry {
  const known = new WeakMap<SourceEntry, SourceEntry>();
  return (source) => {
    const found = known.get(source) ?? { ...source, metadata: false };
    known.set(source, found);
    return found;
  };
}

/** The label keys that a source's template mentions; none if it cannot be read. */
function createTemplateKeys(): (source: SourceEntry) => readonly string[] {
  const known = new WeakMap<SourceEntry, readonly string[]>();
  const read = (template: string): readonly string[] => {
    try {
      return parseSourceTemplate(template).labels;
    } catch {
      return [];
    }
  };
  return (source) => {
    const found = known.get(source) ?? (source.template ? read(source.template) : []);
    known.set(source, found);
    return found;
  };
}

/**
 * Asks the sources of a view once for the files that an answer was lacking. Nothing waits for it: what is found is another
 * index, and its labelsets are planned again. A failure stands on the status of the source.
 */
function createPathSearch(
  catalogue: PackageSupplyParts['catalogue'],
): (view: BuiltView, resolution: Resolution) => void {
  const asked = new WeakSet<Resolution>();
  return (view, resolution) => {
    const { unownedPaths = [] } = resolution;
    if (unownedPaths.length === 0 || asked.has(resolution)) return;
    asked.add(resolution);
    catalogue.needPaths?.(view.sources, new Set(unownedPaths)).catch(() => {});
  };
}
