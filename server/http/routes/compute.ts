import Type from 'typebox';
import { JamesError } from '../../../proto/errors.ts';
import { Labels, labelsProblem } from '../../../proto/labels.ts';
import type { Planner } from '../../planner/planner.ts';
import type { Routes } from '../app.ts';

const ComputeBody = Type.Object({ labels: Labels }, { additionalProperties: false });
type ComputeBody = Type.Static<typeof ComputeBody>;

/** `/compute`: the plan for any labels, as if a device had them. */
export function computeRoutes(planner: Pick<Planner, 'compute'>): Routes {
  return (app) => {
    app.post<{ Body: ComputeBody }>(
      '/compute',
      {
        config: { access: ['operator'] },
        schema: { summary: 'The plan for a labelset; nothing is changed', body: ComputeBody },
      },
      async ({ body: { labels } }) => {
        const problem = labelsProblem(labels);
        if (problem) throw new JamesError('bad-labels', `Labels: ${problem}.`);
        return planner.compute(labels);
      },
    );
  };
}
