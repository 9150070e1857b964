import type { JamesError } from '../../proto/errors.ts';
import type { Labels } from '../../proto/labels.ts';
import { renderAptSources } from '../../proto/source-files/apt.ts';
import { renderYumSources } from '../../proto/source-files/yum.ts';
import type { Manager, RenderedSources, SourceRenderRequest } from '../../proto/source-render.ts';
import type { AppliedSource } from '../core/package-model.ts';
import { createRenderFile, deviceSources, templateSources } from './device-sources.ts';
import type { Kinds } from './kinds.ts';
import { parseSourceTemplate } from './template.ts';

/** What is rendered for whom. `applied` are the sources of the device's type, in order of precedence. */
export interface RenderInput extends Pick<SourceRenderRequest, 'template' | 'form'> {
  labels: Labels;
  applied: readonly AppliedSource[];
  kinds: Kinds;
}

/**
 * The configuration of a device's package manager as its sources make it, or the text that a template makes of them. Throws
 * `bad-document` for a template, also a source's own, that cannot be rendered.
 */
export function renderSources(input: RenderInput): RenderedSources {
  const { labels, applied, kinds, template, form } = input;
  const manager = managerOf(labels, applied);
  const ids = applied.map(({ source }) => source.id);
  if (template !== undefined) {
    const sources = templateSources(applied, kinds);
    const text = parseSourceTemplate(template).render({ labels, sources, source: null });
    return { manager, sources: ids, files: [], text };
  }
  const renderFile = createRenderFile(kinds, (_, fault: JamesError) => {
    throw fault;
  });
  const sources = deviceSources(applied, { kinds, labels, renderFile });
  const files =
    manager === 'apt'
      ? renderAptSources(sources, form === undefined ? {} : { form })
      : renderYumSources(sources, manager);
  return { manager, sources: ids, files, text: null };
}

/** The one that the label `packages` names, else the one that the sources are for. */
function managerOf(labels: Labels, applied: readonly AppliedSource[]): Manager {
  const word = labels.packages;
  if (word === 'apt' || word === 'dnf' || word === 'zypper') return word;
  const type = word === 'yum' ? 'rpm' : applied[0]?.verdict.type;
  return type === 'rpm' ? 'dnf' : 'apt';
}
