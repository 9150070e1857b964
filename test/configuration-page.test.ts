import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Settings } from '../agent/config.ts';
import { ConfigSchema } from '../server/config.ts';

const page = readFileSync(resolve(import.meta.dirname, '../docs/configuration.md'), 'utf8');
const [, server = '', agent = ''] = page.split(/^## .*$/m);
const keysIn = (section: string): string[] =>
  [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, key = '']) => key);

describe('the page about the configuration', () => {
  it.each([
    ['server', server, ConfigSchema],
    ['agent', agent, Settings],
  ])('has every setting of the %s and no other', (_program, section, schema) => {
    expect(keysIn(section)).toEqual(Object.keys(schema.properties));
  });
});
