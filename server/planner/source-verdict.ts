import type { Labels } from '../../proto/labels.ts';
import { holds } from '../../proto/selector.ts';
import { describeUnmet } from '../core/explain.ts';
import type { SourceEntry, SourceVerdict } from '../core/package-model.ts';
import { applies, deviceArchs } from '../sources/core/applies.ts';
import type { SourceKind } from '../sources/source-kind.ts';

/** How a source stands to a device, with the conditions that fail in words. */
export function judgeSource(
  source: SourceEntry,
  kind: SourceKind | undefined,
  labels: Labels,
): SourceVerdict {
  if (!kind) {
    const unmet = [`is of type ${source.type}, which this server does not know`];
    return { applies: false, type: null, archs: [], native: '', archMissing: false, unmet };
  }
  const found = applies(source, kind, labels);
  const independent = found.kind === 'independent';
  return {
    applies: found.kind !== 'none',
    type: kind.family,
    archs: found.kind === 'full' ? found.archs : [],
    native: kind.archOf(labels.arch ?? '', labels.os),
    archMissing: independent,
    unmet:
      found.kind === 'none'
        ? unmetConditions(source, kind, labels)
        : independent
          ? [describeArchs(source, labels)]
          : [],
  };
}

function unmetConditions(source: SourceEntry, kind: SourceKind, labels: Labels): string[] {
  const target = Object.entries(source.target)
    .filter(([key, condition]) => !holds(condition, labels[key]))
    .map(([key, condition]) => describeUnmet(key, condition, labels[key]));
  const system = describeSystem(source, kind, labels);
  return system === null ? target : [system, ...target];
}

/** Null: the system is right, or is not asked for. */
function describeSystem(source: SourceEntry, kind: SourceKind, labels: Labels): string | null {
  if (source.magic === false) return null;
  const words = [labels.os ?? '', ...(labels['os.like'] ?? '').split(/[\s,]+/)];
  if (words.some((word) => kind.sentinels.includes(word))) return null;
  const has =
    labels.os === undefined ? 'the device has no label "os"' : `the device has os=${labels.os}`;
  return `is of type ${source.type} and so for ${kind.sentinels.join(', ')}; ${has}`;
}

function describeArchs(source: SourceEntry, labels: Labels): string {
  const own = deviceArchs(labels);
  const has =
    own.length === 0 ? 'the device has no label "arch"' : `the device has ${own.join(', ')}`;
  const archs = source.archs?.join(', ') || 'no architecture';
  return `has packages for ${archs}, ${has}`;
}
