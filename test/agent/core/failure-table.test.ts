import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Action, actionsOf, counterpartOf } from '../../../agent/core/script-order.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/packets.md'), 'utf8');

/** The rows of the page's table: what failed, and what is run to take it back. */
function rowsOfPage(): [string, string][] {
  const [, table = ''] = page.split(
    '| what failed | what is run to take it back |\n| --- | --- |\n',
  );
  const lines = table.split('\n');
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('|')),
  );
  return rows.map((row) => {
    const [, failed = '', back = ''] = row.split('|');
    return [failed.trim(), back.trim()];
  });
}

/** The same from the agent's own table: at every action that fails, the counterparts of all that were begun. */
function rowsOfAgent(): [string, string][] {
  return (['install', 'upgrade', 'remove'] as const).flatMap((kind) => {
    const name = (action: Action, undone: boolean): string => {
      if (action.kind !== 'script') return undone ? 'files back' : 'files';
      const side = kind === 'upgrade' ? `${action.side} ` : '';
      return `${side}\`${action.script}\``;
    };
    const actions = actionsOf({ kind, driver: null });
    return actions.map((failed, index): [string, string] => {
      const begun = actions.slice(0, index + 1).reverse();
      const back = begun.map((action) => name(counterpartOf(action), true)).join(', ');
      return [`${kind}: ${name(failed, false)}`, back];
    });
  });
}

it('the page on packets says of every failing step what the agent does to take it back', () => {
  expect(rowsOfPage()).toEqual(rowsOfAgent());
});
