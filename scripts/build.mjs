import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './setup.mjs';

const programs = {
  jamesd: 'server/main.ts',
  jamesc: 'agent/main.ts',
  'jamesd-ctl': 'ctl/main.ts',
  // The worker threads of jamesd.
  'jamesd-sources': 'server/sources/reading/worker-main.ts',
  'jamesd-solver': 'server/resolver/solving/solver-main.ts',
};

const LEFT_OUT = './scripts/left-out.cjs';

/** CommonJS libraries inside an ESM bundle call `require` and read `__dirname`. */
const banner = [
  '#!/usr/bin/env node',
  "import { createRequire as jamesdCreateRequire } from 'node:module';",
  "import { fileURLToPath as jamesdFileUrlToPath } from 'node:url';",
  'const require = jamesdCreateRequire(import.meta.url);',
  'const __filename = jamesdFileUrlToPath(import.meta.url);',
  "const __dirname = jamesdFileUrlToPath(new URL('.', import.meta.url));",
].join('\n');

/**
 * Fills `dist/`: one file per program, and the page. Returns the milliseconds that it took.
 * @param {readonly string[]} names what to build: names of programs or `dashboard`; everything if empty.
 */
export async function build(names = []) {
  const { build: bundle } = await import('esbuild');
  const startedAt = performance.now();
  const all = [...Object.keys(programs), 'dashboard'];
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown}. One can build ${all.join(', ')}.`);
  const wanted = names.length > 0 ? names : all;
  mkdirSync(join(root, 'dist'), { recursive: true });
  await Promise.all(
    wanted.map((name) =>
      name === 'dashboard' ? buildDashboard(bundle) : buildProgram(bundle, name),
    ),
  );
  return Math.round(performance.now() - startedAt);
}

async function buildProgram(bundle, name) {
  const outfile = join(root, 'dist', `${name}.js`);
  await bundle({
    absWorkingDir: root,
    entryPoints: [programs[name]],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    // The device's program must stay small, on its disk and in its memory.
    minifyIdentifiers: name === 'jamesc',
    keepNames: name !== 'jamesc',
    ...(name === 'jamesc' && { alias: { socks: LEFT_OUT, 'worker-timers': LEFT_OUT } }),
    external: ['classic-level'],
    banner: { js: banner },
    define: { JAMESD_VERSION: JSON.stringify(version()) },
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
}

/** The page: names stay plain, the server sends entity tags. */
async function buildDashboard(bundle) {
  const from = join(root, 'server', 'dashboard');
  const to = join(root, 'dist', 'dashboard');
  mkdirSync(to, { recursive: true });
  await bundle({
    absWorkingDir: root,
    entryPoints: [join(from, 'main.tsx')],
    outfile: join(to, 'main.js'),
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: join(from, 'tsconfig.json'),
    logLevel: 'warning',
  });
  await bundle({
    absWorkingDir: root,
    entryPoints: [join(from, 'style.css')],
    outfile: join(to, 'style.css'),
    bundle: true,
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'icon.svg']) cpSync(join(from, name), join(to, name));
}

function version() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  const ms = await build(names);
  console.log(`Built ${names.length > 0 ? names.join(', ') : 'dist/'} in ${ms} ms.`);
}
