import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildDirectory, cachedPackage, isCached, keepInCache } from './package-cache.ts';
import { runTool } from './run-tool.ts';

/** A Debian package to be built. */
export interface DebDefinition {
  name: string;
  version: string;
  /** `all` if not given. */
  arch?: string;
  /** Further fields of the control file: `Depends`, `Provides`, `Multi-Arch`, … */
  fields?: Record<string, string>;
  /** Content by absolute path. */
  files?: Record<string, string>;
  /** Paths of `files` that are configuration files. */
  conffiles?: readonly string[];
  /** `preinst`, `postinst`, `prerm`, `postrm`: shell scripts without their first line. */
  scripts?: Record<string, string>;
}

/** The path of the package, built by dpkg-deb the first time that it is asked for. */
export async function buildDeb(definition: DebDefinition): Promise<string> {
  const cached = cachedPackage(definition, '.deb');
  if (await isCached(cached)) return cached;
  const directory = await buildDirectory(randomUUID());
  try {
    const tree = join(directory, 'tree');
    await writeTree(tree, definition);
    const built = join(directory, 'built.deb');
    await runTool('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', tree, built]);
    await keepInCache(built, cached);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return cached;
}

async function writeTree(tree: string, definition: DebDefinition): Promise<void> {
  const control = join(tree, 'DEBIAN');
  await mkdir(control, { recursive: true });
  await writeFile(join(control, 'control'), controlText(definition));
  for (const [name, body] of Object.entries(definition.scripts ?? {})) {
    await writeFile(join(control, name), `#!/bin/sh\nset -e\n${body}\n`);
    await chmod(join(control, name), 0o755);
  }
  if (definition.conffiles)
    await writeFile(join(control, 'conffiles'), `${definition.conffiles.join('\n')}\n`);
  for (const [path, content] of Object.entries(definition.files ?? {})) {
    await mkdir(join(tree, dirname(path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
}

/** The control file (Debian policy 5.3). */
function controlText(definition: DebDefinition): string {
  const { name, version, arch = 'all', fields = {}, files = {} } = definition;
  const bytes = Object.values(files).reduce((sum, content) => sum + content.length, 0);
  const all = {
    Package: name,
    Version: version,
    Architecture: arch,
    Maintainer: 'Nobody <nobody@example.org>',
    'Installed-Size': String(1 + Math.ceil(bytes / 1024)),
    Description: `the test package ${name}`,
    ...fields,
  };
  return Object.entries(all)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
}
