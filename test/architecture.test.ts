import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const programs = ['proto', 'broker', 'server', 'agent', 'ctl'] as const;

/** Folder → other folders it may import from, and why no more. */
const mayImport: Record<(typeof programs)[number], { folders: readonly string[]; why: string }> = {
  proto: { folders: [], why: 'the shared language knows nobody' },
  broker: { folders: ['proto'], why: 'an outside broker must be able to replace it' },
  server: { folders: ['proto', 'broker'], why: 'devices and operators are reached over the wire' },
  agent: { folders: ['proto'], why: 'the agent ships alone' },
  ctl: { folders: ['proto'], why: 'the operator speaks HTTP; agent/local.ts is the one door' },
};
const doors: Record<string, readonly string[]> = { ctl: ['agent/local.ts'] };

/** Third-party libraries that have one home. */
const homes: Record<string, readonly string[]> = {
  aedes: ['broker/'],
  'mqtt-packet': ['broker/', 'test/'],
  ws: ['broker/'],
  level: ['server/store/level-store.ts'],
  fastify: ['server/http/'],
  liquidjs: ['server/sources/'],
  '@fastify/static': ['server/http/'],
  '@fastify/swagger': ['server/http/'],
  'prom-client': ['server/http/'],
  openpgp: ['server/sources/fetching/verify.ts'],
  fzstd: ['server/sources/fetching/decompress.ts'],
  'xz-decompress': ['server/sources/fetching/decompress.ts'],
  croner: ['proto/cron.ts'],
  mqtt: ['agent/transports/', 'server/dashboard/'],
  preact: ['server/dashboard/'],
  commander: ['ctl/', 'server/main.ts', 'server/commands/', 'agent/main.ts', 'agent/commands/'],
};

const pureLibraries = [
  'typebox',
  'typebox/value',
  'typebox/compile',
  'yaml',
  'saxes',
  '@noble/hashes',
  'croner',
];

interface SourceFile {
  path: string;
  text: string;
  imports: string[];
}

const sources = programs.flatMap((folder) => list(join(root, folder))).map(read);

function list(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return list(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

function read(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const imports = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
  return { path: relative(root, path), text, imports };
}

/** The path from the root of a relative import, or null for a package. */
function target(file: SourceFile, name: string): string | null {
  return name.startsWith('.') ? relative(root, resolve(root, dirname(file.path), name)) : null;
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
const isPure = (file: SourceFile): boolean =>
  (file.path.startsWith('proto/') && !file.path.startsWith('proto/archive/')) ||
  file.path.includes('/core/');

describe('who may import whom', () => {
  it('programs meet only where they may', () => {
    const wrong = sources.flatMap((file) => {
      const folder = file.path.split('/')[0] as (typeof programs)[number];
      return file.imports.flatMap((name) => {
        const to = target(file, name);
        const toFolder = to?.split('/')[0];
        if (
          to === null ||
          toFolder === folder ||
          mayImport[folder].folders.includes(toFolder ?? '')
        )
          return [];
        if (doors[folder]?.includes(to)) return [];
        return [`${file.path} → ${to}: ${mayImport[folder].why}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('core does not know its shell', () => {
    const wrong = sources
      .filter((file) => file.path.includes('/core/'))
      .flatMap((file) =>
        file.imports
          .map((name) => target(file, name))
          .filter((to) => to !== null && !to.startsWith('proto/') && !to.includes('/core/'))
          .map((to) => `${file.path} → ${to}`),
      );
    expect(wrong).toEqual([]);
  });

  it('a library with a home stays there', () => {
    const wrong = sources.flatMap((file) =>
      file.imports.flatMap((name) => {
        const home = homes[packageOf(name)];
        return home && !home.some((place) => file.path.startsWith(place))
          ? [`${file.path} → ${name}`]
          : [];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('purity', () => {
  it('pure files import no node modules and few libraries', () => {
    const wrong = sources
      .filter(isPure)
      .flatMap((file) =>
        file.imports
          .filter(
            (name) =>
              !name.startsWith('.') &&
              !pureLibraries.some((library) => name === library || name.startsWith(`${library}/`)),
          )
          .map((name) => `${file.path} → ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  it('pure files have no clock, randomness, process, or async', () => {
    const wrong = sources
      .filter(isPure)
      .flatMap((file) => impurities(file).map((found) => `${file.path}: ${found}`));
    expect(wrong).toEqual([]);
  });
});

/** Uses of what a pure file must not touch. */
function impurities(file: SourceFile): string[] {
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isIdentifier(node) &&
      ['process', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'performance'].includes(
        node.text,
      )
    ) {
      if (!ts.isPropertyAccessExpression(node.parent) && !ts.isPropertySignature(node.parent))
        found.push(node.text);
    }
    if (ts.isPropertyAccessExpression(node) && ['Date.now', 'Math.random'].includes(node.getText()))
      found.push(node.getText());
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
      found.push('new Date()');
    if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) found.push('async');
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('habits', () => {
  it('files stay short', () => {
    const long = sources
      .filter((file) => file.text.split('\n').length > 400)
      .map((file) => file.path);
    expect(long).toEqual([]);
  });

  it('topics are written in proto/topics.ts only', () => {
    const wrong = sources
      .filter((file) => file.path !== 'proto/topics.ts' && /['"`]jamesd\/v1/.test(file.text))
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });

  it('time and timers are used in the clocks only', () => {
    const wrong = sources
      .filter(
        (file) =>
          !/(^|\/)system\/|\/dashboard\//.test(file.path) &&
          /\b(setTimeout|setInterval|Date\.now|Math\.random)\(/.test(file.text),
      )
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });

  it('names are the words of the house', () => {
    const wrong = sources
      .filter((file) => /(^|\/)(utils?|helpers?|common|manager|misc|index)\.tsx?$/.test(file.path))
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });
});
