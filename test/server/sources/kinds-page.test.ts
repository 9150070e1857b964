import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { SourceKind } from '../../../server/sources/source-kind.ts';
import { sourceKindSuite, type TestRepository } from '../../suites/source-kind-suite.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import type { RepositoryOptions } from '../../support/kind-repositories.ts';
import { signFile } from '../../support/signing-key.ts';

const root = resolve(import.meta.dirname, '../../..');

/** The kind as docs/sources-kinds.md shows it; `/` in its imports is the root of the project. */
async function kindOfThePage(): Promise<SourceKind> {
  const page = readFileSync(join(root, 'docs/sources-kinds.md'), 'utf8');
  const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
  const directory = join(root, 'node_modules/.cache/jamesd-kinds-page');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'toy.ts');
  writeFileSync(file, code.replaceAll("from '/", `from '${root}/`));
  const { toy } = (await import(pathToFileURL(file).href)) as { toy: SourceKind };
  return toy;
}

async function toyRepository({ directory, key }: RepositoryOptions): Promise<TestRepository> {
  mkdirSync(directory);
  let made = Date.UTC(2026, 0, 1);
  return {
    directory,
    async publish(packages, { sign = true } = {}) {
      const list = gzipSync(
        packages.map(([name, version]) => `${name} ${version} all lib (>= 1)\n`).join(''),
      );
      const digest = createHash('sha256').update(list).digest('hex');
      made += 1000;
      const index = `date ${new Date(made).toISOString()}\nlist packages.txt.gz ${digest} ${list.length}\n`;
      writeFileSync(join(directory, 'packages.txt.gz'), list);
      writeFileSync(join(directory, 'INDEX'), index);
      rmSync(join(directory, 'INDEX.asc'), { force: true });
      if (sign)
        await signFile(key, join(directory, 'INDEX'), join(directory, 'INDEX.asc'), 'detached');
    },
    source: (url) => ({ id: 'toys', type: 'toy', url, target: {}, signedBy: key.publicKey }),
    root: '/INDEX',
    signature: '/INDEX.asc',
    list: /\/packages\.txt\.gz$/,
    version: (version) => version,
  };
}

const { leftOut } = await ensureDebianPackages(['gpg', 'gpg-agent']);

sourceKindSuite({ kind: await kindOfThePage(), create: toyRepository, leftOut });
