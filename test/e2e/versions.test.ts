import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../support/fleet.ts';

const { version } = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'),
) as { version: string };

it.each(['jamesd', 'jamesc', 'jamesd-ctl'])('%s as it was built says its version', async (name) => {
  const { status, stdout } = await run(name, ['--version']).ended;
  expect([status, stdout.trim()]).toEqual([0, version]);
});
