import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Value from 'typebox/value';
import { expect, it, onTestFinished } from 'vitest';
import type { EventView, Page } from '../../proto/api.ts';
import {
  type RefreshLine,
  type SourceOutcome,
  SourceStatusMessage,
  SourceStatusView,
} from '../../proto/source-status.ts';
import { sourceStatusTopic } from '../../proto/topics.ts';
import { craftedServer, packages, publishApt } from '../support/crafted-repository.ts';
import { connectMqtt } from '../support/mqtt-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';
import { startRealServer } from './real-server.ts';

it('a source is refreshed by a person, and everybody can see how it stands', async () => {
  const directory = temporaryDirectory();
  const repository = await craftedServer();
  publishApt(repository, packages('app', 'lib'));
  const server = await startRealServer(directory);
  onTestFinished(server.stop);
  const document = `kind: Source\nid: hub\ntype: apt\nurl: ${repository.url}\nsuite: stable\ncomponents: [main]\narchs: [amd64]\ntarget: {}\ntrusted: true\n`;
  writeFileSync(join(directory, 'hub.yaml'), document);
  await server.json(['source', 'apply', 'hub.yaml']);

  const status = () => server.json<SourceStatusView>(['source', 'status', 'hub']);
  await until('it is read', async () => (await status()).state === 'ready');
  expect(Value.Check(SourceStatusView, await status())).toBe(true);
  expect(await status()).toMatchObject({ packages: 2, error: null, refreshing: false });

  publishApt(repository, packages('app', 'lib', 'more'));
  const done = await server.ctl(['source', 'refresh', 'hub']);
  expect(done.stdout).toMatch(/hub +updated +3/);
  expect(done.stderr).toContain(`Updating ${repository.url}/dists/stable/Release\n`);
  expect(done.status).toBe(0);

  const answer = await fetch(`${server.url}/v1/sources/hub/refresh`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}` },
  });
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const lines = (await answer.text()).trimEnd().split('\n');
  const last = JSON.parse(lines.at(-1) ?? '') as RefreshLine;
  expect(last).toMatchObject({ result: { failed: 0, outcomes: [{ source: 'hub' }] } });

  repository.answers.set('dists/stable/Release', 'broken');
  const failed = await server.ctl(['source', 'refresh', '-o', 'json']);
  expect(failed.status).toBe(1);
  const [outcome] = JSON.parse(failed.stdout) as SourceOutcome[];
  expect(outcome).toMatchObject({ source: 'hub', result: 'failed', packages: 3 });
  expect(await status()).toMatchObject({ state: 'failed', packages: 3 });
  const table = await server.ctl(['source', 'status']);
  expect(table.stdout).toMatch(/hub +failed +3 +1 .*bad-index/);

  const events = await server.json<EventView[]>(['events']);
  const kinds = events.filter(({ subject }) => subject === 'hub').map(({ kind }) => kind);
  expect(kinds).toEqual([
    ...['source-created', 'source-refreshed', 'source-refreshed', 'source-failed'],
  ]);
  const metrics = await fetch(`${server.url}/metrics`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  const text = await metrics.text();
  expect(text).toContain('jamesd_source_failing{source="hub"} 1');
  expect(text).toContain('jamesd_source_packages{source="hub"} 3');

  const viewer = await connectMqtt(server.mqtt, {
    ...{ clientId: 'viewer', username: 'token', password: server.token },
  });
  onTestFinished(() => viewer.end());
  expect(await viewer.subscribe('jamesd/v1/sources/#')).toEqual([1]);
  const told = (): unknown[] =>
    viewer
      .messages(sourceStatusTopic('hub'))
      .map(({ payload }) => JSON.parse(payload.toString()) as unknown);
  await until('viewers know', () => {
    const body = told().at(-1);
    return Value.Check(SourceStatusMessage, body) && body.state === 'failed' && body.packages === 3;
  });

  const missing = await server.ctl(['source', 'refresh', 'nope']);
  expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('no source nope')]);
  const all = await server.ctl(['source', 'status', '-o', 'name']);
  expect(all.stdout).toBe('hub\n');
  publishApt(repository, packages('app'));
  const reloaded = await server.json<SourceOutcome[]>(['source', 'reload']);
  expect(reloaded).toMatchObject([{ source: 'hub', result: 'updated', packages: 1 }]);

  for (const year of [2026, 2025]) {
    const fields = `Date: Thu, 01 Jan ${year} 00:00:00 UTC\n`;
    publishApt(repository, packages('app', `y${year}`), { fields });
    await server.ctl(['source', 'refresh']);
  }
  expect((await status()).error?.code).toBe('index-older');
  const meant = await server.json<SourceOutcome[]>(['source', 'refresh', '--allow-older']);
  expect(meant).toMatchObject([{ source: 'hub', result: 'updated' }]);
  const page = (await (
    await fetch(`${server.url}/v1/source-status`, {
      headers: { authorization: `Bearer ${server.token}` },
    })
  ).json()) as Page<SourceStatusView>;
  expect(page).toMatchObject({ items: [{ id: 'hub', state: 'ready' }], next: null });
});
