import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import type { Plan } from '../../proto/api.ts';
import { bcfg2Fixtures } from '../support/bcfg2-files.ts';
import { type CraftedServer, craftedServer, sha256 } from '../support/crafted-repository.ts';
import { type RealServer, startRealServer } from './real-server.ts';

/** The examples of Bcfg2's page, with repositories of this machine in place of `*.example.org`. */
interface World {
  server: RealServer;
  repository: CraftedServer;
  /** Imports examples and refreshes all sources; the lines of the refresh. */
  take(...examples: string[]): Promise<string[]>;
  /** What a device with these labels would get of the packages. */
  plan(wanted: string[], labels: string): Promise<Plan>;
}

async function world(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-bcfg2-'));
  const repository = await craftedServer();
  const server = await startRealServer(directory);
  onTestFinished(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    server,
    repository,
    async take(...examples) {
      const file = join(directory, 'config.xml');
      const { host } = new URL(repository.url);
      for (const example of examples) {
        const text = readFileSync(join(bcfg2Fixtures, 'config', `${example}.xml`), 'utf8');
        writeFileSync(file, text.replace(/(?<=[/@])[a-z0-9.]+\.example\.org/g, host));
        await server.json(['source', 'import', file]);
      }
      const { stderr } = await server.ctl(['source', 'refresh']);
      return stderr.split('\n');
    },
    async plan(wanted, labels) {
      const spec = JSON.stringify({ id: 'wanted', target: {}, packages: wanted });
      await server.json(['apply', '-f', '-'], { stdin: spec });
      return server.json<Plan>(['packet', 'compute', '-l', labels]);
    },
  };
}

const names = ({ packages }: Plan): string[] => packages.map(({ name }) => name).sort();
const codes = ({ problems }: Plan): string[] => problems.map(({ code, name }) => `${code} ${name}`);

/** Packages.gz of an architecture: ssh needs its server, which recommends a tool. */
function aptIndex(arch: string): Uint8Array {
  const stanza = (name: string, more = ''): string =>
    `Package: ${name}\nVersion: 1:5.1\nArchitecture: ${arch}\n${more}\n`;
  return gzipSync(
    [
      stanza('ssh', 'Depends: openssh-server\n'),
      stanza('openssh-server', 'Recommends: xauth\n'),
      stanza('xauth'),
    ].join('\n'),
  );
}

function publishUbuntu({ answers }: CraftedServer, root: string): void {
  for (const component of ['main', 'universe'])
    for (const arch of ['i386', 'amd64'])
      answers.set(
        `${root}/${component}/binary-${arch}/Packages.gz`,
        component === 'main' ? aptIndex(arch) : gzipSync(''),
      );
}

/** `repodata/` of a directory with one package. */
function publishRpm({ answers }: CraftedServer, root: string, name: string): void {
  const primary = gzipSync(
    `<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="1"><package type="rpm"><name>${name}</name><arch>x86_64</arch><version epoch="0" ver="1.0" rel="1"/><checksum type="sha256" pkgid="YES">${sha256(name)}</checksum><summary/><description/><size package="1" installed="1" archive="1"/><location href="${name}.rpm"/><format><rpm:provides><rpm:entry name="${name}" flags="EQ" epoch="0" ver="1.0" rel="1"/></rpm:provides></format></package></metadata>`,
  );
  const repomd = `<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision><data type="primary"><checksum type="sha256">${sha256(primary)}</checksum><location href="repodata/primary.xml.gz"/><timestamp>1</timestamp><size>${primary.length}</size></data></repomd>`;
  answers.set(`${root}/repodata/repomd.xml`, repomd);
  answers.set(`${root}/repodata/primary.xml.gz`, primary);
}

it('APT: system, group and architecture decide; prerequisites, recommends and the resolver as the file says', async () => {
  const { server, repository, take, plan } = await world();
  const seen = new Set<string | undefined>();
  publishUbuntu(repository, 'ubuntu/dists/intrepid');
  repository.answers.set('debian/binary/Packages.gz', aptIndex('amd64'));
  repository.answers.set(
    'ubuntu/dists/hardy/main/binary-amd64/Packages.gz',
    (request, response) => {
      seen.add(request.headers.authorization);
      response.end(aptIndex('amd64'));
    },
  );

  const lines = await take('apt', 'raw-apt', 'no-resolver');
  for (const component of ['main', 'universe'])
    for (const arch of ['i386', 'amd64'])
      expect(lines).toContain(
        `Updating ${repository.url}/ubuntu/dists/intrepid/${component}/binary-${arch}/Packages.gz`,
      );
  expect(seen).toEqual(new Set([`Basic ${Buffer.from('reader:s3cret').toString('base64')}`]));

  const of = (labels: string) => plan(['ssh'], labels);
  const served = await of('os=ubuntu,arch=amd64,group.ubuntu-intrepid=1');
  expect(names(served)).toEqual(['openssh-server', 'ssh']);
  expect(served.packages[0]).toMatchObject({ arch: 'amd64', version: '1:5.1', type: 'deb' });
  expect(names(await of('os=debian,arch=i386,group.ubuntu-intrepid='))).toHaveLength(2);
  expect(codes(await of('os=ubuntu,arch=amd64'))).toContain('no-source ssh');
  expect(codes(await of('os=fedora,arch=amd64,group.ubuntu-intrepid=1'))).toContain(
    'no-source ssh',
  );
  expect(names(await of('os=ubuntu,arch=amd64,group.ubuntu-lucid=1'))).toHaveLength(2);
  expect(names(await of('os=ubuntu,arch=amd64,group.ubuntu-hardy=1'))).toEqual(['ssh']);

  await take('apt-recommended');
  const more = await of('os=ubuntu,arch=amd64,group.ubuntu-intrepid=1');
  expect(names(more)).toEqual(['openssh-server', 'ssh', 'xauth']);
  const status = await server.ctl(['source', 'status', '-o', 'json']);
  expect(`${lines}${status.stdout}${JSON.stringify(more)}`).not.toContain('s3cret');
}, 60_000);

it('YUM: an index for each component and architecture, directories of their own, and none without metadata', async () => {
  const { repository, take, plan } = await world();
  await take('no-metadata');
  expect(repository.asked).toEqual([]);
  const picked = await plan(['httpd'], 'os=fedora,arch=amd64,group.fedora-12=1,group.web=1');
  expect(picked.packages).toMatchObject([{ name: 'httpd', version: null, type: 'rpm' }]);

  for (const component of ['os', 'updates', 'extras']) {
    publishRpm(repository, `centos5-x86_64/RPMS.${component}`, component);
    for (const arch of ['i386', 'x86_64'])
      publishRpm(repository, `centos/5.2/${component}/${arch}`, component);
  }
  const lines = await take('yum', 'raw-yum');
  expect(lines).toContain(
    `Updating ${repository.url}/centos/5.2/extras/x86_64/repodata/repomd.xml`,
  );
  expect(repository.asked).toContain('centos/5.2/extras/x86_64/repodata/primary.xml.gz');
  const served = await plan(['os', 'extras'], 'os=centos,arch=amd64,group.centos-5.2=1');
  expect(names(served)).toEqual(['extras', 'os']);
  const raw = await plan(['updates', 'none'], 'os=centos,arch=amd64,group.centos5.4=1');
  expect([names(raw), codes(raw)]).toEqual([['updates'], ['unresolvable none']]);
}, 60_000);
