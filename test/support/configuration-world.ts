import { type Configuration, createConfiguration } from '../../server/documents/configuration.ts';
import { createHistory, type History } from '../../server/documents/history.ts';
import { createPlannerWorld, type PlannerWorld } from './planner-world.ts';

/** A planner world whose specs people change. */
export interface ConfigurationWorld extends PlannerWorld {
  configuration: Configuration;
  history: History;
}

export async function createConfigurationWorld(): Promise<ConfigurationWorld> {
  const world = await createPlannerWorld();
  const history = createHistory(world.store);
  const configuration = createConfiguration({
    specs: world.specs,
    history,
    impactOf: (changes) => world.planner.impactOfSpecs(changes),
    devices: () => world.devices.size(),
    events: { add: (event) => world.events.push(event) },
  });
  return { ...world, configuration, history };
}
