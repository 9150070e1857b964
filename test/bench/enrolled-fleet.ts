import type { DeviceRecord } from '../../server/registry/device-record.ts';
import { hashOfSecret } from '../../server/registry/secret.ts';
import { keys } from '../../server/store/keys.ts';
import type { Store } from '../../server/store/store.ts';
import type { Agent } from './agent-connection.ts';

/** Writes devices into a store as if they had enrolled, with the label `fleet=alpha` of a join token. */
export async function enrolAll(store: Store, agents: readonly Agent[]): Promise<void> {
  const operations = agents.map(({ id, secret }) => {
    const record: DeviceRecord = {
      format: 1,
      secret: hashOfSecret(secret),
      state: 'enrolled',
      join: { fleet: 'alpha' },
      config: {},
      operator: {},
      enrolledAt: new Date(0).toISOString(),
      token: 'bench',
      claim: null,
      openUntil: null,
    };
    return { put: keys.device(id), value: JSON.stringify(record) };
  });
  await store.batch(operations);
}
