import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { SourceOutcome, SourceStatusView } from '../../proto/source-status.ts';
import { craftedServer, packages, publishApt, release } from '../support/crafted-repository.ts';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';
import { until } from '../support/until.ts';

const RELEASE = 'dists/stable/Release';
const LIST = 'main/binary-amd64/Packages.gz';

/** The built server with its worker: killed while it reads, it goes on with what it had, without the network. */
it('kill -9 in the middle of a refresh loses no index and leaves nothing behind', async () => {
  const directory = temporaryDirectory();
  onTestFinished(directory.remove);
  const repository = await craftedServer();
  publishApt(repository, packages('app', 'lib'));
  let server: ServerProcess = await startServer(directory.path);
  onTestFinished(async () => void (await server.stop('SIGKILL')));
  const source = {
    ...{ kind: 'Source', id: 'hub', type: 'apt', url: repository.url, suite: 'stable' },
    ...{ components: ['main'], archs: ['amd64'], target: {}, trusted: true },
  };
  expect((await server.api('PUT', '/v1/sources/hub', source)).status).toBe(201);
  const status = async (): Promise<SourceStatusView> =>
    (await server.api<SourceStatusView>('GET', '/v1/sources/hub/status')).body;
  await until('it is read', async () => (await status()).state === 'ready', 30_000);
  const kept = parts(directory.path);

  const half = Buffer.alloc(200_000, 'half a list of packages');
  repository.answers.set(RELEASE, release({ [LIST]: half }));
  repository.answers.set(`dists/stable/${LIST}`, (_request, response) => {
    response.write(half.subarray(0, 150_000));
  });
  const refreshing = server.ctl(['source', 'refresh']);
  await until('the list is on its way', () => parts(directory.path).some(isUnfinished), 30_000);
  await server.stop('SIGKILL');
  expect((await refreshing).status).toBe(1);
  const [asked] = [repository.asked.length];
  repository.answers.clear();

  server = await startServer(directory.path);
  expect(await status()).toMatchObject({ state: 'ready', packages: 2, error: null });
  expect(repository.asked).toHaveLength(asked);
  await until('the rest is cleared away', () => !parts(directory.path).some(isUnfinished));
  expect(parts(directory.path)).toEqual(kept);

  publishApt(repository, packages('app'));
  const outcomes = await server.ctlJson<SourceOutcome[]>(['source', 'refresh']);
  expect(outcomes).toMatchObject([{ source: 'hub', result: 'updated', packages: 1 }]);
});

/** Everything that sources have on disk. */
function parts(directory: string): string[] {
  const sources = join(directory, 'server/sources');
  return readdirSync(sources, { recursive: true, encoding: 'utf8' }).sort();
}

const isUnfinished = (path: string): boolean => path.includes('unfinished-');
