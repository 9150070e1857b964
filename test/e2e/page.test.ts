import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desired } from '../../proto/desired.ts';
import { isKept } from '../../proto/desired.ts';
import type { Reported } from '../../proto/reported.ts';
import { createBrowser } from '../support/browser.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { joinToken, logger, loggerSpec, uploadPacket } from '../support/example.ts';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';
import { type HandDevice, joinByHand } from '../support/hand-device.ts';
import { violations } from '../support/page-checks.ts';

const { leftOut } = await ensureDebianPackages(['chromium']);

describe.runIf(leftOut === null)('the live page in a browser', () => {
  const directory = temporaryDirectory('jamesd-page-');
  const browser = createBrowser();
  let server: ServerProcess;
  let buoy: HandDevice;
  let hub: HandDevice;

  beforeAll(async () => {
    server = await startServer(directory.path);
    for (const arch of ['amd64', 'armv7l']) {
      await uploadPacket(server, join(directory.path, `logger-${arch}`), logger('1.0.0', arch));
    }
    await server.api('PUT', '/v1/specs/logger-spec', loggerSpec('1.0.0'));
    const token = await joinToken(server, ['--labels', 'fleet=alpha']);
    hub = await joinByHand(server, token, 'hub', { arch: 'amd64' });
    buoy = await joinByHand(server, token, 'buoy', { arch: 'armv7l' });
    for (const device of [hub, buoy]) await device.report(convergedOn(await device.desired()));
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all([hub?.leave(), buoy?.leave()]);
    await server?.stop();
    directory.remove();
  });

  const address = (): string => `${server.http}/#token=${server.token}`;
  const row = (page: Page, id: string) => page.locator(`tr[data-device="${id}"]`);

  it('shows the fleet and moves when a device says something', async () => {
    const { page, faults, requests } = await browser.visit(address());
    await row(page, 'buoy').and(page.locator('[data-converged="true"]')).waitFor();
    expect(await row(page, 'buoy').innerText()).toMatch(/converged[\s\S]*logger 1\.0\.0/);
    expect(new URL(page.url()).hash).toBe('');

    await buoy.report({ ...convergedOn(await buoy.desired()), phase: 'applying' });
    await row(page, 'buoy').and(page.locator('[data-phase="applying"]')).waitFor();
    await page.locator('.legend', { hasText: 'applying 1' }).waitFor();
    expect(await row(page, 'hub').getAttribute('data-phase')).toBe('idle');

    await buoy.report(convergedOn(await buoy.desired()));
    await row(page, 'buoy').and(page.locator('[data-phase="idle"]')).waitFor();
    expect(faults).toEqual([]);
    expect(requests.filter((url) => url.includes(server.token))).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(server.http))).toEqual([]);
  });

  it('shows one device in detail, live, by keyboard alone', async () => {
    const { page, faults } = await browser.visit(address());
    await page.locator('#device-buoy').focus();
    await page.keyboard.press('Enter');
    const details = page.locator('.details');
    await details.getByText('wanted by logger-spec, revision 1').waitFor();

    await buoy.report({ ...convergedOn(await buoy.desired()), phase: 'downloading' });
    await details.getByText('downloading', { exact: true }).waitFor();
    await buoy.progress({ step: 'download', packet: 'logger', percent: 40 });
    await buoy.log('hello from postinst');
    await details.locator('progress[value="40"]').waitFor();
    await details.getByText('hello from postinst').waitFor();

    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.id')).toBe('device-buoy');
    await buoy.report(convergedOn(await buoy.desired()));
    expect(faults).toEqual([]);
  });

  it('cuts the table down by labels, and says what is wrong with a selector', async () => {
    const { page } = await browser.visit(address());
    await row(page, 'hub').waitFor();
    await page.locator('#selector').fill('arch=armv7l');
    await row(page, 'hub').waitFor({ state: 'detached' });
    expect(await row(page, 'buoy').count()).toBe(1);
    await page.locator('#selector').fill('arch==');
    await page.getByText('Selector, column 1').waitFor();
  });

  it('refuses a wrong token in words, and takes a right one', async () => {
    const { page } = await browser.visit(`${server.http}/#token=wrong`);
    await page.getByText('This token is not accepted').waitFor();
    await page.getByLabel('Operator token').fill(server.token);
    await page.keyboard.press('Enter');
    await row(page, 'hub').waitFor();
    await page.reload();
    await row(page, 'hub').waitFor();
  });

  it.each([
    { width: 1280, colorScheme: 'light' as const },
    { width: 1280, colorScheme: 'dark' as const },
    { width: 360, colorScheme: 'light' as const },
    { width: 360, colorScheme: 'dark' as const },
  ])('fits and is accessible: %o', async (visit) => {
    const { page } = await browser.visit(address(), visit);
    await row(page, 'hub').waitFor();
    await page.locator('.legend').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(visit.width);
    await page.locator('#device-hub').click();
    await page.locator('.details').getByText('wanted by').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Operator token').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('says when the server is gone, and comes back with what changed meanwhile', async () => {
    const { page } = await browser.visit(address());
    await row(page, 'hub').waitFor();
    const { http, mqtt } = server;
    await server.stop();
    await page.getByText('Disconnected').waitFor();
    expect(await row(page, 'hub').count()).toBe(1);
    const bare = (url: string): string => url.replace(/^\w+:\/\//, '');
    server = await startServer(directory.path, ['--http', bare(http), '--mqtt', bare(mqtt)]);
    await server.api('PATCH', '/v1/devices/hub', { labels: { ring: 'canary' } });
    await page.getByText('Live', { exact: true }).waitFor();
    await row(page, 'hub').getByText('ring=canary').waitFor();
  });
});

/** The report of a device that did what the document says. */
function convergedOn({ signed }: Desired): Partial<Reported> {
  const { epoch, revision, digest, packets } = signed;
  return {
    epoch,
    seen: { revision, digest },
    installed: { revision, digest },
    packets: packets
      .flatMap((line) => (isKept(line) ? [] : [line]))
      .map(({ name, id }) => ({ name, id, status: 'installed', error: null })),
  };
}
