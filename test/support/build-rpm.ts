import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildDirectory, cachedPackage, isCached, keepInCache } from './package-cache.ts';
import { runTool } from './run-tool.ts';

const relationTags = [
  'Requires',
  'Provides',
  'Conflicts',
  'Obsoletes',
  'Recommends',
  'Suggests',
  'Supplements',
  'Enhances',
] as const;

/** An rpm package to be built. Relations are lines of a spec file: `libfoo >= 1:2-3`, `(a if b)`, `/usr/bin/awk`. */
export interface RpmDefinition
  extends Partial<Record<Uncapitalize<(typeof relationTags)[number]>, readonly string[]>> {
  name: string;
  version: string;
  /** `1` if not given. */
  release?: string;
  epoch?: number;
  /** `noarch` if not given. */
  arch?: string;
  /** Content by absolute path. */
  files?: Record<string, string>;
  /** Paths of `files` that are configuration files, which keep what was changed (`%config(noreplace)`). */
  config?: readonly string[];
  /** `pre`, `post`, `preun`, `postun`: shell scripts. */
  scripts?: Record<string, string>;
}

/** The paths of the packages, in their order; rpmbuild runs once for all of an architecture that were not built before. */
export async function buildRpms(definitions: readonly RpmDefinition[]): Promise<string[]> {
  const cached = definitions.map((definition) => cachedPackage(definition, '.rpm'));
  const missing = new Map<string, RpmDefinition[]>();
  for (const [index, definition] of definitions.entries()) {
    if (await isCached(cached[index] as string)) continue;
    const target = buildTarget(definition);
    missing.set(target, [...(missing.get(target) ?? []), definition]);
  }
  for (const [target, group] of missing) await build(target, group);
  return cached;
}

/** What does not depend on the architecture is built together with what does. */
function buildTarget({ arch = 'noarch' }: RpmDefinition): string {
  return arch === 'noarch' ? 'x86_64' : arch;
}

async function build(target: string, definitions: readonly RpmDefinition[]): Promise<void> {
  const directory = await buildDirectory(randomUUID());
  try {
    const specs: string[] = [];
    for (const [index, definition] of definitions.entries()) {
      specs.push(await writeSpec(join(directory, String(index)), definition));
    }
    const defines = [
      `_topdir ${directory}/top`,
      '_binary_payload w1.gzdio',
      '_build_id_links none',
      '__os_install_post %{nil}',
      '_rpmdir %{_topdir}/%{jamesd_place}',
      '_rpmfilename package.rpm',
    ].flatMap((define) => ['--define', define]);
    await runTool('rpmbuild', ['-bb', '--quiet', '--target', target, ...defines, ...specs]);
    for (const [index, definition] of definitions.entries()) {
      const built = join(directory, 'top', `place-${index}`, 'package.rpm');
      await keepInCache(built, cachedPackage(definition, '.rpm'));
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A spec file and the files it packs; gives its path. Its macro says where rpmbuild puts the package. */
async function writeSpec(directory: string, definition: RpmDefinition): Promise<string> {
  const tree = join(directory, 'tree');
  await mkdir(tree, { recursive: true });
  for (const [path, content] of Object.entries(definition.files ?? {})) {
    await mkdir(join(tree, dirname(path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  const spec = join(directory, 'package.spec');
  await writeFile(spec, specText(definition, tree, directory.split('/').at(-1) as string));
  return spec;
}

function specText(definition: RpmDefinition, tree: string, place: string): string {
  const { name, version, release = '1', epoch, arch = 'noarch', files = {} } = definition;
  const relations = relationTags.flatMap((tag) => {
    const key = `${tag[0]?.toLowerCase()}${tag.slice(1)}` as Uncapitalize<typeof tag>;
    return (definition[key] ?? []).map((relation) => `${tag}: ${relation}`);
  });
  const scripts = Object.entries(definition.scripts ?? {}).flatMap(([when, body]) => [
    `%${when}`,
    body,
  ]);
  return [
    `%global jamesd_place place-${place}`,
    `Name: ${name}`,
    `Version: ${version}`,
    `Release: ${release}`,
    ...(epoch === undefined ? [] : [`Epoch: ${epoch}`]),
    `Summary: the test package ${name}`,
    'License: MIT',
    ...(arch === 'noarch' ? ['BuildArch: noarch'] : []),
    'AutoReqProv: no',
    ...relations,
    '%description',
    `The test package ${name}.`,
    '%install',
    `mkdir -p %{buildroot} && cp -r ${tree}/. %{buildroot}/`,
    ...scripts,
    '%files',
    ...Object.keys(files).map((path) =>
      definition.config?.includes(path) ? `%config(noreplace) ${path}` : path,
    ),
    '',
  ].join('\n');
}
