import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aptTools, createAptRepository } from '../support/apt-repository.ts';
import { createBrowser } from '../support/browser.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { joinToken } from '../support/example.ts';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';
import { type HandDevice, joinByHand } from '../support/hand-device.ts';
import { violations } from '../support/page-checks.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';

const { leftOut } = await ensureDebianPackages(['chromium', ...aptTools]);

describe.runIf(leftOut === null)('sources and packages on the live page', () => {
  const directory = temporaryDirectory('jamesd-page-sources-');
  const browser = createBrowser();
  let repository: Awaited<ReturnType<typeof createAptRepository>>;
  let files: DirectoryServer;
  let server: ServerProcess;
  let device: HandDevice;

  beforeAll(async () => {
    repository = await createAptRepository({ directory: join(directory.path, 'repository') });
    await repository.add({ name: 'nginx', version: '1.22', fields: { Depends: 'libssl3' } });
    await repository.add({ name: 'libssl3', version: '3.0' });
    await repository.publish();
    files = await serveDirectory(repository.directory);
    server = await startServer(join(directory.path, 'data'));
    const source = {
      type: 'apt',
      url: files.url,
      suite: 'stable',
      components: ['main'],
      archs: ['amd64'],
      target: {},
    };
    const { publicKey: signedBy } = repository.key;
    await server.api('PUT', '/v1/sources/debian', { id: 'debian', ...source, signedBy });
    await server.api('PUT', '/v1/sources/vendor', { id: 'vendor', ...source });
    expect(await server.ctl(['source', 'refresh', 'debian'])).toMatchObject({ status: 0 });
    const labels = { os: 'debian', arch: 'amd64', packages: 'apt' };
    device = await joinByHand(server, await joinToken(server), 'buoy', labels);
    const spec = { id: 'web', target: {}, packages: ['nginx', 'ghost'], updates: 'manual' };
    await server.api('PUT', '/v1/specs/web', spec);
    await device.report({
      packages: {
        installed: 71,
        wrong: [{ name: 'nginx', status: 'missing', error: 'held back' }],
      },
    });
  });

  afterAll(async () => {
    await browser.close();
    await device?.leave();
    await server?.stop();
    await files?.close();
    directory.remove();
  });

  const address = (): string => `${server.http}/#token=${server.token}`;
  const source = (page: Page, id: string) => page.locator(`tr[data-source="${id}"]`);

  it('shows how each source stands, and why one fails', async () => {
    const { page, faults } = await browser.visit(address());
    await source(page, 'debian').and(page.locator('[data-state="ready"]')).waitFor();
    expect(await source(page, 'debian').innerText()).toMatch(/good[\s\S]*2/);
    await source(page, 'vendor').and(page.locator('[data-state="failed"]')).waitFor();
    expect(await source(page, 'vendor').innerText()).toContain('cannot be trusted');
    expect(faults).toEqual([]);
  });

  it('refreshes a source on demand, and shows what is downloaded while it runs', async () => {
    const { page } = await browser.visit(address());
    await source(page, 'debian').and(page.locator('[data-state="ready"]')).waitFor();
    await repository.add({ name: 'new', version: '1' });
    await repository.publish();
    files.misbehave(/Packages/, { kind: 'slow', ms: 1500 });
    await source(page, 'debian').getByRole('button').click();
    const line = source(page, 'debian').getByText(/^Updating http.*InRelease$/);
    await line.waitFor();
    files.behave();
    await source(page, 'debian').and(page.locator('[data-state="ready"]')).waitFor();
    expect(await source(page, 'debian').innerText()).toMatch(/good[\s\S]*3/);
  });

  it('keeps the last good index in use when the repository refuses, and says so', async () => {
    const { page } = await browser.visit(address());
    files.misbehave(/Release/, { kind: 'status', status: 403 });
    await source(page, 'debian').getByRole('button').click();
    await source(page, 'debian').getByText('failed, last good in use').waitFor();
    expect(await source(page, 'debian').innerText()).toContain('3');
    files.behave();
    await source(page, 'debian').getByRole('button').click();
    await source(page, 'debian').and(page.locator('[data-state="ready"]')).waitFor();
  });

  it('shows what a spec with manual updates could take, until it is promoted', async () => {
    const { page, faults } = await browser.visit(address());
    await source(page, 'debian').and(page.locator('[data-state="ready"]')).waitFor();
    await repository.add({ name: 'nginx', version: '1.24', fields: { Depends: 'libssl3, new' } });
    await repository.publish();
    await source(page, 'debian').getByRole('button').click();
    const proposal = page.locator('[data-spec="web"]');
    await proposal.getByText('nginx 1.22 → 1.24').waitFor();
    await proposal.getByText('new 1, new').waitFor();
    await proposal.getByText('jamesd-ctl spec promote web').waitFor();
    expect(await violations(page)).toEqual([]);
    const shots = process.env.JAMESD_SCREENSHOTS;
    if (shots) await page.screenshot({ path: join(shots, 'proposal.png'), fullPage: true });
    const promoted = await server.api('POST', '/v1/specs/web/promote');
    expect(promoted.status).toBe(200);
    await proposal.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it.each([
    { width: 1280, colorScheme: 'dark' as const },
    { width: 360, colorScheme: 'light' as const },
  ])('fits and is accessible: %o', async (visit) => {
    const { page } = await browser.visit(address(), visit);
    await source(page, 'vendor').and(page.locator('[data-state="failed"]')).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(visit.width);
    const shots = process.env.JAMESD_SCREENSHOTS;
    const name = `${visit.width}-${visit.colorScheme}`;
    if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
    await page.locator('#device-buoy').click();
    await page.locator('.details').getByText('held back').waitFor();
    expect(await violations(page)).toEqual([]);
    if (shots) await page.screenshot({ path: join(shots, `${name}-device.png`), fullPage: true });
  });
});
