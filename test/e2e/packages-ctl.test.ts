import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AptRepository, aptTools, createAptRepository } from '../support/apt-repository.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { mailerRpms, sshDebs } from '../support/debug-session.ts';
import { joinByHand } from '../support/hand-device.ts';
import { type PackageFleet, startPackageFleet } from '../support/package-fleet.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';
import { createYumRepository, type YumRepository, yumTools } from '../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, ...yumTools]);
const golden = (name: string): string =>
  join(import.meta.dirname, `../golden/ctl/against-sources/${name}.txt`);

/** The operator's program in a terminal of 80 columns, against a real server with signed repositories of both kinds. */
describe.skipIf(leftOut !== null)('what an operator is told of packages and sources', () => {
  let fleet: PackageFleet;
  let apt: AptRepository;
  let yum: YumRepository;
  let aptServer: DirectoryServer;
  let yumServer: DirectoryServer;

  const stable = (more: object = {}): object => ({
    ...{ kind: 'Source', id: 'stable', type: 'apt', url: aptServer.url, suite: 'stable' },
    ...{ components: ['main'], archs: ['amd64'], target: { site: { exists: true } } },
    ...{ signedBy: apt.key.publicKey, ...more },
  });

  beforeAll(async () => {
    fleet = await startPackageFleet();
    apt = await createAptRepository({ directory: fleet.path('apt') });
    yum = await createYumRepository({ directory: fleet.path('yum') });
    for (const one of sshDebs) await apt.add(one);
    await yum.add(...mailerRpms);
    await apt.publish();
    await yum.publish();
    aptServer = await serveDirectory(apt.directory);
    yumServer = await serveDirectory(yum.directory);
    await fleet.apply(
      stable(),
      {
        ...{ kind: 'Source', id: 'el', type: 'yum', rawUrl: yumServer.url, target: {} },
        signedBy: yum.key.publicKey,
      },
      { id: 'base', target: { site: 'lab' }, packages: ['ssh', 'gone'] },
      { id: 'mail', target: { role: 'mail' }, packages: ['mailer'] },
    );
    await fleet.ctl('source', 'refresh');
    const { token } = await fleet.server.ctlJson<{ token: string }>(['token', 'create', '--join']);
    const join = (id: string, labels: Record<string, string>) =>
      joinByHand(fleet.server, token, id, labels).then((device) => device.leave());
    await join('ubik3', { os: 'debian', arch: 'amd64', packages: 'apt', site: 'lab' });
    await join('el-1', { os: 'centos', arch: 'amd64', packages: 'dnf', role: 'mail' });
  });

  afterAll(async () => {
    await fleet?.stop();
    await aptServer?.close();
    await yumServer?.close();
  });

  /** What is shown, with names in the place of ports. */
  const shown = async (words: readonly string[], status = 0): Promise<string> => {
    const result = await fleet.server.ctl(words, { env: { COLUMNS: '80' } });
    expect([result.status, result.stderr]).toEqual([status, expect.any(String)]);
    return result.stdout
      .replaceAll(aptServer.url, 'http://apt.example.org')
      .replaceAll(yumServer.url, 'http://yum.example.org')
      .replace(/\d\.\d KiB/g, 'N.N KiB')
      .replace(/-----BEGIN[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g, '(the key)');
  };
  const fits = (text: string): void => {
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).not.toContain('…');
  };

  it('package resolve --debug shows the steps, and packages, unresolved and type at the end', async () => {
    const steps = await shown(['package', 'resolve', 'ssh', '--device', 'ubik3', '--debug']);
    await expect(steps).toMatchFileSnapshot(golden('resolve-debug'));
    fits(steps);
    const labels = 'os=centos,arch=amd64,packages=dnf';
    const rpm = await shown(['package', 'resolve', 'mailer', '--labels', labels, '--debug']);
    await expect(rpm).toMatchFileSnapshot(golden('resolve-debug-rpm'));
    const whole = await shown(['package', 'resolve', '--device', 'ubik3', '--debug'], 1);
    await expect(whole).toMatchFileSnapshot(golden('resolve-debug-device'));
  });

  it('package resolve shows what comes, for a device and for labels', async () => {
    const table = await shown(['package', 'resolve', '--device', 'el-1']);
    await expect(table).toMatchFileSnapshot(golden('resolve-device'));
    fits(table);
    const nobody = await shown(['package', 'resolve', 'ssh', '-l', 'os=plan9,arch=amd64'], 1);
    await expect(nobody).toMatchFileSnapshot(golden('resolve-no-source'));
  });

  it('package why prints the chain up to the spec', async () => {
    const chain = await shown(['package', 'why', 'ubik3', 'perl-base']);
    await expect(chain).toMatchFileSnapshot(golden('why'));
    const unknown = await fleet.server.ctl(['package', 'why', 'ubik3', 'mail-doc']);
    expect([unknown.status, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('package resolve mail-doc --device ubik3'),
    ]);
    const gone = await fleet.server.ctl(['package', 'why', 'ubik3', 'gone']);
    expect([gone.status, gone.stderr]).toEqual([1, expect.stringMatching(/gone is not on ubik3/)]);
  });

  it('package search and versions say what sources offer, and why a version is not taken', async () => {
    const found = await shown(['package', 'search', 'openssh']);
    await expect(found).toMatchFileSnapshot(golden('search'));
    expect(await shown(['package', 'search', 'mail', '-d', 'ubik3', '-o', 'name'])).toBe('');
    expect(await shown(['package', 'search', 'mail', '-d', 'el-1', '-o', 'name'])).toBe(
      'mail-doc\nmail-libs\nmail-utils\nmailer\n',
    );
    await apt.add({ name: 'ssh', version: '0.9-1', arch: 'amd64' });
    await apt.publish();
    await fleet.ctl('source', 'refresh', 'stable');
    const versions = await shown(['package', 'versions', 'ssh', '-d', 'ubik3']);
    await expect(versions).toMatchFileSnapshot(golden('versions'));
  });

  it('source debug switches the resolver’s steps in the running server’s log', async () => {
    const logged = (): number => fleet.server.running.stderr().split('adding new deps').length - 1;
    const resolve = (): Promise<unknown> =>
      fleet.ctl('package', 'resolve', 'mailer', '-l', 'os=centos,arch=amd64,packages=dnf');
    const debug = async (mode: string): Promise<string> =>
      (await fleet.ctl('source', 'debug', mode)).stdout.trim();
    await resolve();
    expect([logged(), await debug('on')]).toEqual([0, 'on']);
    await resolve();
    await fleet.until('el-1', 'steps are in the log', async () => logged() > 0 && true);
    expect(await debug('toggle')).toBe('off');
    const before = logged();
    await resolve();
    expect([logged(), await debug('toggle'), await debug('off')]).toEqual([before, 'on', 'off']);
  });

  it('source render shows the built-in form, one file of it, and an operator’s template', async () => {
    await expect(await shown(['source', 'render', '--device', 'ubik3'])).toMatchFileSnapshot(
      golden('render-apt'),
    );
    await expect(await shown(['source', 'render', '--device', 'el-1'])).toMatchFileSnapshot(
      golden('render-yum'),
    );
    const path = '/etc/apt/sources.list.d/jamesd-stable.list';
    const oneLine = await shown(['source', 'render', '-d', 'ubik3', '--one-line', '-p', path]);
    expect(oneLine).toBe(
      '# Written by jamesd. Changes are overwritten.\n' +
        'deb [arch=amd64 signed-by=/etc/apt/keyrings/jamesd-stable.asc] http://apt.example.org/ stable main\n',
    );
    mkdirSync(fleet.path('templates'));
    const template = fleet.path('templates/sources.liquid');
    writeFileSync(
      template,
      '{% for s in sources %}# {{ s.id }} of {{ labels.site }}\n{% for u in s.urls %}{{ u.url }} {{ u.component }} {{ u.arch }}\n{% endfor %}{% endfor %}',
    );
    expect(await shown(['source', 'render', '-d', 'ubik3', '--template', template])).toBe(
      '# stable of lab\nhttp://apt.example.org/dists/stable/main/binary-amd64/ main amd64\n',
    );
    writeFileSync(template, '{% for s in sources %}');
    const broken = await fleet.server.ctl([
      ...['source', 'render', '-d', 'ubik3', '--template', template],
    ]);
    expect([broken.status, broken.stderr]).toEqual([1, expect.stringMatching(/for/)]);
  });

  it('source refresh has a line Updating URL for each file that it downloads, and for no other', async () => {
    const updated = async (...words: string[]): Promise<string[]> => {
      const { stderr } = await fleet.ctl('source', ...words);
      const lines = [...stderr.matchAll(/^Updating (\S+)$/gm)].map(([, url = '']) => url);
      return lines.sort();
    };
    await fleet.ctl('source', 'refresh');
    expect(await updated('refresh')).toEqual([]);
    await apt.add({ name: 'fresh', version: '1', arch: 'amd64' });
    await apt.publish();
    const dists = `${aptServer.url}/dists/stable`;
    expect(await updated('refresh')).toEqual([
      `${dists}/InRelease`,
      expect.stringMatching(`^${dists}/main/binary-amd64/Packages\\.(xz|gz)$`),
    ]);
    await yum.add({ name: 'fresh', version: '1' });
    await yum.publish();
    const repodata = `${yumServer.url}/repodata`;
    const files = await updated('refresh', 'el');
    expect(files.map((url) => url.replace(/[0-9a-f]{64}-/, 'SUM-'))).toEqual(
      expect.arrayContaining([
        `${repodata}/SUM-primary.xml.gz`,
        `${repodata}/repomd.xml`,
        `${repodata}/repomd.xml.asc`,
      ]),
    );
  });

  it('source reload downloads only what is missing', async () => {
    const late = await serveDirectory(apt.directory);
    try {
      late.misbehave(/./, { kind: 'status', status: 404 });
      await fleet.apply(stable({ id: 'late', url: late.url, target: { site: 'late' } }));
      const failed = await fleet.server.ctl(['source', 'reload']);
      expect([failed.status, failed.stdout]).toEqual([
        1,
        expect.stringMatching(/late +failed +0 +source-unreachable/),
      ]);
      late.behave();
      for (const server of [aptServer, yumServer]) server.requests.splice(0);
      const { stdout, stderr } = await fleet.ctl('source', 'reload');
      const updating = [...stderr.matchAll(/^Updating (\S+)$/gm)].map(([, url = '']) => url);
      expect(updating.map((url) => url.startsWith(late.url))).toEqual([true, true]);
      expect(stdout.match(/^\w+ +\w+/gm)).toEqual([
        expect.stringMatching(/^SOURCE/),
        expect.stringMatching(/^el +skipped/),
        expect.stringMatching(/^late +updated/),
        expect.stringMatching(/^stable +skipped/),
      ]);
      expect([...aptServer.requests, ...yumServer.requests]).toEqual([]);
    } finally {
      await late.close();
    }
  });
});
