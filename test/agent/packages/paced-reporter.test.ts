import { expect, it } from 'vitest';
import { createPacedReporter } from '../../../agent/packages/paced-reporter.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

it('passes many lines on in few messages, the last ones of too many', async () => {
  const clock = createFakeClock();
  const messages: string[][] = [];
  const paced = createPacedReporter(clock, {
    log: ({ lines }) => void messages.push(lines),
    progress: () => undefined,
  });
  paced.log(['a']);
  paced.log(['b']);
  expect(messages).toEqual([]);
  await clock.advance(500);
  expect(messages).toEqual([['a', 'b']]);
  for (let line = 0; line < 300; line += 1) paced.log([String(line)]);
  await clock.advance(500);
  expect(messages[1]).toHaveLength(200);
  expect(messages[1]?.at(-1)).toBe('299');
  paced.log(['x'.repeat(4000), ...Array.from({ length: 9 }, () => 'y'.repeat(4000))]);
  paced.flush();
  expect(messages[2]?.join('').length).toBeLessThanOrEqual(32 * 1024);
  expect(messages[2]).toHaveLength(8);
  paced.flush();
  await clock.advance(1000);
  expect(messages).toHaveLength(3);
});
