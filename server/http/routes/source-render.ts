import { JamesError } from '../../../proto/errors.ts';
import { type Labels, labelsProblem } from '../../../proto/labels.ts';
import { SourceRenderRequest } from '../../../proto/source-render.ts';
import type { AppliedSource } from '../../core/package-model.ts';
import type { Kinds } from '../../sources/kinds.ts';
import { renderSources } from '../../sources/render-sources.ts';
import type { Routes } from '../app.ts';

export interface SourceRenderParts {
  kinds: Kinds;
  /** The labels of a device; undefined if there is none of that id. */
  labelsOf: (device: string) => Labels | undefined;
  /** The sources that apply to a device with these labels, of its type, in order of precedence. */
  appliedTo: (labels: Labels) => readonly AppliedSource[];
}

/** `/sources/render`: the package manager's configuration as text. Credentials are never part of it. */
export function sourceRenderRoutes({ kinds, labelsOf, appliedTo }: SourceRenderParts): Routes {
  return (app) => {
    app.post<{ Body: SourceRenderRequest }>(
      '/sources/render',
      {
        config: { access: ['operator'] },
        schema: {
          summary:
            'The generated configuration of a device’s sources, or what a template makes of them',
          body: SourceRenderRequest,
        },
      },
      async ({ body: { device, labels: given, ...how } }) => {
        const labels = labelsFor(device, given);
        return renderSources({ ...how, labels, applied: appliedTo(labels), kinds });
      },
    );
  };

  function labelsFor(device: string | undefined, given: Labels | undefined): Labels {
    if ((device === undefined) === (given === undefined))
      throw new JamesError('bad-request', 'Give "device" or "labels", one of them.');
    if (device !== undefined) {
      const labels = labelsOf(device);
      if (labels) return labels;
      throw new JamesError('not-found', `There is no device ${device}.`);
    }
    const problem = labelsProblem(given ?? {});
    if (problem) throw new JamesError('bad-labels', `Labels: ${problem}.`);
    return given ?? {};
  }
}
