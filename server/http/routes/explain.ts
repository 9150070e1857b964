import Type from 'typebox';
import { JamesError } from '../../../proto/errors.ts';
import { Id, PacketName } from '../../../proto/ids.ts';
import { PackageName } from '../../../proto/package-line.ts';
import type { Planner } from '../../planner/planner.ts';
import type { Routes } from '../app.ts';

const ExplainParams = Type.Object({ device: Id });
type ExplainParams = Type.Static<typeof ExplainParams>;
const ExplainQuery = Type.Object({
  app: Type.Optional(
    Type.Union([PacketName, PackageName], { description: 'A packet or package.' }),
  ),
});
type ExplainQuery = Type.Static<typeof ExplainQuery>;

/** `/explain`: why a device gets what it gets. */
export function explainRoutes(planner: Pick<Planner, 'explain'>): Routes {
  return (app) => {
    app.get<{ Params: ExplainParams; Querystring: ExplainQuery }>(
      '/explain/:device',
      {
        config: { access: ['operator'] },
        schema: {
          summary: 'Which specs and labels chose the packets of a device, and why others lost',
          params: ExplainParams,
          querystring: ExplainQuery,
        },
      },
      async ({ params: { device }, query: { app } }) => {
        const explanation = planner.explain(device, app);
        if (!explanation) throw new JamesError('not-found', `There is no device ${device}.`);
        return explanation;
      },
    );
  };
}
