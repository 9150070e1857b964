import type { DesiredSource } from '../../proto/desired-source.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Source } from '../../proto/source.ts';
import { aptKeyFiles } from '../../proto/source-files/apt.ts';
import { yumKeyFiles } from '../../proto/source-files/yum.ts';
import { desiredSource } from './core/desired-source.ts';
import { templateSource } from './core/template-source.ts';
import type { Kinds } from './kinds.ts';
import { parseSourceTemplate, type SourceInTemplate } from './template.ts';

/** A source that applies to a device, and the device's architectures that it has, in the repository's words. */
export interface SourceOfDevice {
  source: Source;
  verdict: { archs: readonly string[] };
}

/** Throws `bad-document` for a source whose template cannot be read; lines count from the template's first. */
export function checkTemplate({ id, template }: Source): void {
  if (template === undefined) return;
  try {
    parseSourceTemplate(template);
  } catch (error) {
    if (!(error instanceof JamesError)) throw error;
    throw new JamesError(error.code, `source ${id}: ${error.message}`, { cause: error });
  }
}

/** The file that a source's template makes for a device with these labels and sources. */
export type RenderFile = (
  source: Source,
  labels: Labels,
  applied: readonly SourceOfDevice[],
) => { path: string; content: string } | null;

/**
 * Makes the function that renders templates of sources; null: the source has none. A template that cannot be rendered is
 * told to `onFault` and leaves its source with the built-in form.
 */
export function createRenderFile(
  kinds: Kinds,
  onFault: (source: string, fault: JamesError) => void,
): RenderFile {
  return (source, labels, applied) => {
    const { id, template, path } = source;
    if (template === undefined || path === undefined) return null;
    const sources = templateSources(applied, kinds);
    const own = sources.find((one) => one.id === id) ?? null;
    try {
      const content = parseSourceTemplate(template).render({ labels, sources, source: own });
      return { path, content };
    } catch (error) {
      if (!(error instanceof JamesError)) throw error;
      onFault(id, error);
      return null;
    }
  };
}

/**
 * The sources of a device as its package manager gets them, in the order given. Those of a kind that nobody knows are left
 * out.
 */
export function deviceSources(
  applied: readonly SourceOfDevice[],
  options: { kinds: Kinds; labels: Labels; renderFile: RenderFile },
): DesiredSource[] {
  const { kinds, labels, renderFile } = options;
  return applied.flatMap((one) => {
    const file = renderFile(one.source, labels, applied);
    return plainSource(one, kinds).map((desired) => ({ ...desired, file }));
  });
}

/** What a template sees of a device's sources. */
export function templateSources(
  applied: readonly SourceOfDevice[],
  kinds: Kinds,
): SourceInTemplate[] {
  const plain = applied.flatMap((one) =>
    plainSource(one, kinds).map((desired) => ({ desired, target: one.source.target })),
  );
  const all = plain.map(({ desired }) => desired);
  return plain.map(({ desired, target }) => ({
    ...templateSource(desired, target),
    keys: keyPaths(desired, all),
  }));
}

/** For a device in none of its architectures the first index serves: each lists the packages without one. */
function plainSource({ source, verdict }: SourceOfDevice, kinds: Kinds): DesiredSource[] {
  const kind = kinds.get(source.type);
  if (!kind) return [];
  const own = verdict.archs.length > 0 ? verdict.archs : (source.archs ?? []).slice(0, 1);
  return [desiredSource(source, kind.urls(source, own), own)];
}

/** Where the keys of a source are on the device. */
function keyPaths(source: DesiredSource, all: readonly DesiredSource[]): string[] {
  const files = source.type === 'apt' ? aptKeyFiles(source, all) : yumKeyFiles(source);
  return files.map(({ path }) => path);
}
