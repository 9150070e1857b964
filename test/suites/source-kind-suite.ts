import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Source } from '../../proto/source.ts';
import type { SourceKind } from '../../server/sources/source-kind.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';
import type { SigningKey } from '../support/signing-key.ts';
import { signingKey } from '../support/signing-key.ts';
import {
  createSourceWorld,
  type SourceWorld,
  type SourceWorldOptions,
} from '../support/source-world.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A package of a test repository, for every architecture. */
export type TestPackage = readonly [name: string, version: string];

/** A repository of a kind, in a directory; made by the tools of its distributions where there are some. */
export interface TestRepository {
  directory: string;
  /** Makes the repository offer these packages and no others. `sign: false`: without signatures. */
  publish(packages: readonly TestPackage[], options?: { sign?: boolean }): Promise<void>;
  /** A source that reads it, with the key that signs it. */
  source(url: string): Source;
  /** Ends of the paths of the file that vouches for all others, of its signature, and of the list of packages. */
  root: string;
  signature: string;
  list: RegExp;
  /** A package's version as the kind writes it. */
  version(version: string): string;
}

export interface KindSuite {
  kind: SourceKind;
  create(options: { directory: string; key: SigningKey }): Promise<TestRepository>;
  /** Why the kind's tools are not here, or null. */
  leftOut: string | null;
}

/** What every kind of source must do, against a real HTTP server and real files. */
export function sourceKindSuite({ kind, create, leftOut }: KindSuite): void {
  const name = kind.type;

  async function open(options: Omit<SourceWorldOptions, 'sources' | 'kinds'> = {}) {
    const key = await signingKey();
    const repository = await create({ directory: join(temporaryDirectory(), 'repository'), key });
    await repository.publish([
      ['app', '1.0'],
      ['lib', '2.0'],
    ]);
    const server = await serveDirectory(repository.directory);
    onTestFinished(() => server.close());
    const source = repository.source(server.url);
    const world = await createSourceWorld({ ...options, kinds: [kind], sources: [source] });
    await world.catalogue.settled();
    return { repository, server, source, world, key };
  }

  const names = (world: SourceWorld, id: string): string[] =>
    world.packages(id).map((line) => line.split(' ').slice(0, 2).join(' '));

  describe.skipIf(leftOut !== null)(`sources of kind ${name}`, () => {
    it('are read at once, and again only where something changed', async () => {
      const { repository, server, source, world } = await open();
      const before = [`app ${repository.version('1.0')}`, `lib ${repository.version('2.0')}`];
      expect(names(world, source.id)).toEqual(before);
      expect(world.changes).toEqual([source.id]);
      expect(world.catalogue.status(source.id)).toMatchObject({ state: 'ready', packages: 2 });
      expect(world.events.map((event) => event.kind)).toEqual(['source-refreshed']);
      server.requests.length = 0;
      expect(await world.refresh(source.id)).toMatchObject({ result: 'unchanged', code: null });
      expect(server.requests.filter(({ status }) => status === 200)).toEqual([]);
      expect(world.changes).toHaveLength(1);

      await repository.publish([['app', '1.1']]);
      const { result, code, lines } = await world.refresh(source.id);
      expect([result, code]).toEqual(['updated', null]);
      expect(lines).toContain(`Updating ${server.url}/${rootPath(repository, server)}`);
      expect(names(world, source.id)).toEqual([`app ${repository.version('1.1')}`]);
      expect(world.changes).toHaveLength(2);
    });

    it('are there after a restart without the network, and read again if what was kept is damaged', async () => {
      const { repository, server, source, world } = await open();
      await server.down();
      const again = await world.restart();
      expect(names(again, source.id)).toHaveLength(2);
      await again.catalogue.settled();
      expect(again.catalogue.status(source.id)?.state).toBe('ready');
      await server.up();

      const universes = join(again.directory, 'sources/universes');
      await again.catalogue.stop();
      for (const file of readdirSync(universes))
        truncateSync(join(universes, file), statSync(join(universes, file)).size - 8);
      const third = await again.restart();
      await third.catalogue.settled();
      expect(names(third, source.id)).toContain(`app ${repository.version('1.0')}`);
      const files = join(again.directory, 'sources/files');
      for (const file of readdirSync(files)) {
        const size = statSync(join(files, file)).size;
        writeFileSync(join(files, file), Buffer.alloc(size, 'x'));
      }
      expect(await third.refresh(source.id)).toMatchObject({ result: 'unchanged', code: null });
      const [manifest] = readdirSync(join(again.directory, 'sources/manifests'));
      await third.catalogue.stop();
      writeFileSync(join(again.directory, 'sources/manifests', manifest ?? ''), '{"schema":');
      const fourth = await third.restart();
      await fourth.catalogue.settled();
      expect(names(fourth, source.id)).toHaveLength(2);
    });

    it('keep what they have when the repository is not to be trusted, and say why', async () => {
      const { repository, server, source, world } = await open();
      const kept = names(world, source.id);
      let isDown = false;
      const goDown = async (): Promise<void> => {
        isDown = true;
        await server.down();
      };
      const faults: [code: string, spoil: () => Promise<void>][] = [
        ['bad-signature', async () => server.misbehave(repository.signature, broken(repository))],
        ['source-unreachable', async () => server.misbehave(repository.root, cut)],
        ['source-unreachable', async () => server.misbehave(repository.list, cut)],
        ['digest-mismatch', async () => server.misbehave(repository.list, lie)],
        ['source-unreachable', async () => server.misbehave(repository.root, failing)],
        ['source-unreachable', () => goDown()],
        ['bad-signature', () => repository.publish([['evil', '9']], { sign: false })],
      ];
      for (const [code, spoil] of faults) {
        await repository.publish([['app', '1.1']]);
        await spoil();
        expect(await world.refresh(source.id)).toMatchObject({ result: 'failed', code });
        expect(names(world, source.id)).toEqual(kept);
        expect(world.catalogue.status(source.id)).toMatchObject({
          state: 'failed',
          error: { code },
        });
        expect(world.events.at(-1)).toMatchObject({ kind: 'source-failed', subject: source.id });
        server.behave();
        if (isDown) await server.up();
        isDown = false;
      }
      expect(world.changes).toHaveLength(1);
      await repository.publish([['app', '1.2']]);
      expect(await world.refresh(source.id)).toMatchObject({ result: 'updated', code: null });
      expect(names(world, source.id)).toEqual([`app ${repository.version('1.2')}`]);
      expect(world.catalogue.status(source.id)).toMatchObject({ state: 'ready', error: null });
    });

    it('take the keys of the source and no others; none at all only if that is said', async () => {
      const { repository, source, world } = await open();
      const other = await signingKey('other');
      world.set({ ...source, signedBy: other.publicKey });
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)?.error?.code).toBe('bad-signature');
      world.set({ ...source, signedBy: `${other.publicKey}\n${source.signedBy}` });
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)?.error).toBeNull();

      const { signedBy: _signedBy, ...unsigned } = source;
      await repository.publish([['app', '3']], { sign: false });
      world.set({ ...unsigned });
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)?.error?.code).toBe('bad-signature');
      world.set({ ...unsigned, trusted: true });
      await world.catalogue.settled();
      expect(names(world, source.id)).toEqual([`app ${repository.version('3')}`]);
    });

    it('come from files, through proxies, and with a password that nobody else gets', async () => {
      const password = 'p4ss-word';
      const { repository, server, source, world } = await open({
        secrets: { hub: { username: 'me', password } },
      });
      world.set({ ...source, ...addressed(source, `file://${repository.directory}`) });
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)).toMatchObject({ state: 'ready', packages: 2 });

      const proxied = 'http://packages.example.org';
      world.set({ ...source, ...addressed(source, proxied), proxy: server.url });
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)).toMatchObject({ state: 'ready', packages: 2 });
      expect(server.requests.at(-1)?.proxied).toBe(true);

      server.auth = { username: 'me', password };
      expect(await world.refresh(source.id)).toMatchObject({ result: 'failed' });
      world.set({ ...source, auth: 'hub' });
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)?.error).toBeNull();

      const elsewhere = await serveDirectory(repository.directory);
      onTestFinished(() => elsewhere.close());
      server.misbehave(repository.list, {
        kind: 'redirect',
        to: `${elsewhere.url}/${listPath(repository, server)}`,
      });
      await repository.publish([['app', '5']]);
      const path = listPathOf(repository);
      server.behave();
      server.misbehave(repository.list, { kind: 'redirect', to: `${elsewhere.url}/${path}` });
      expect(await world.refresh(source.id)).toMatchObject({ result: 'updated' });
      expect(elsewhere.requests.length).toBeGreaterThan(0);
      for (const { headers } of elsewhere.requests) expect(headers.authorization).toBeUndefined();
      const said = JSON.stringify([
        ...[world.logged, world.events, world.catalogue.status(source.id)],
        ...[elsewhere.requests],
      ]);
      expect(said).not.toContain(password);
      expect(said).not.toContain(Buffer.from(`me:${password}`).toString('base64'));
    });

    it('go when their document goes, and stay away with metadata: false', async () => {
      const { server, source, world } = await open();
      world.set({ ...source, metadata: false });
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)).toMatchObject({ state: 'off', packages: 0 });
      server.requests.length = 0;
      expect(await world.refresh(source.id)).toMatchObject({ result: 'skipped' });
      expect(server.requests).toEqual([]);
      world.set(source);
      await world.catalogue.settled();
      expect(names(world, source.id)).toHaveLength(2);
      world.delete(source.id);
      await world.catalogue.settled();
      expect(world.catalogue.status(source.id)).toBeNull();
      expect(world.catalogue.indexesOf(source.id)).toEqual([]);
      for (const part of ['files', 'manifests', 'universes'])
        expect(readdirSync(join(world.directory, 'sources', part))).toEqual([]);
    });
  });
}

const cut = { kind: 'break', after: 20 } as const;
const lie = { kind: 'bytes', bytes: 'lies, but no checksum' } as const;
const failing = { kind: 'status', status: 500 } as const;

/** A signature that is one, of other bytes; for a signature that stands in the file itself, another text. */
function broken({ root, signature }: TestRepository) {
  const bytes = root === signature ? 'no signature here' : 'nor here';
  return { kind: 'bytes', bytes } as const;
}

function addressed(source: Source, base: string): Partial<Source> {
  return source.rawUrl === undefined ? { url: base } : { rawUrl: base };
}

function rootPath({ root }: TestRepository, server: DirectoryServer): string {
  return server.requests.find(({ path }) => path.endsWith(root))?.path.slice(1) ?? '';
}

function listPath({ list }: TestRepository, server: DirectoryServer): string {
  return server.requests.find(({ path }) => list.test(path))?.path.slice(1) ?? '';
}

/** The list of packages in the directory, as it is published. */
function listPathOf({ directory, list }: TestRepository): string {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files.find((path) => list.test(`/${path}`)) ?? '';
}
