import {
  type Configuration,
  type ConfigurationParts,
  createConfiguration,
} from '../../server/documents/configuration.ts';
import { createHistory, type History } from '../../server/documents/history.ts';
import { createSecrets, type Secrets } from '../../server/secrets/secrets.ts';
import { createPlannerWorld, type PlannerWorld } from './planner-world.ts';

/** A planner world whose specs people change. */
export interface ConfigurationWorld extends PlannerWorld {
  configuration: Configuration;
  history: History;
  secrets: Secrets;
}

export async function createConfigurationWorld(
  options: Pick<ConfigurationParts, 'ownerOf' | 'checkSource'> = {},
): Promise<ConfigurationWorld> {
  const world = await createPlannerWorld();
  const history = createHistory(world.store);
  const secrets = createSecrets(world);
  const configuration = createConfiguration({
    ...options,
    documents: world.documents,
    history,
    secrets,
    impactOf: world.planner.impactOfDocuments,
    devices: () => world.devices.size(),
    events: { add: (event) => world.events.push(event) },
  });
  return { ...world, configuration, history, secrets };
}
