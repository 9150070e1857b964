import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readJsonBody } from '../../../server/http/json-body.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const limits = { maxBytes: 100, maxMs: 1000 };

describe('a JSON body', () => {
  it('that drips is given up after its time', async () => {
    const clock = createFakeClock();
    const body = new PassThrough();
    const read = readJsonBody(body, undefined, limits, clock);
    const refused = expect(read).rejects.toMatchObject({ code: 'bad-request' });
    for (let n = 0; n < 11; n += 1) {
      if (!body.destroyed) body.write('[');
      await clock.advance(100);
    }
    await refused;
    expect(clock.pending()).toBe(0);
  });

  it('that never ends is given up at the limit, announced or not', async () => {
    const announced = readJsonBody(new PassThrough(), '101', limits, createFakeClock());
    await expect(announced).rejects.toMatchObject({ code: 'too-large' });
    const body = new PassThrough();
    const read = readJsonBody(body, undefined, limits, createFakeClock());
    body.write(' '.repeat(101));
    await expect(read).rejects.toMatchObject({ code: 'too-large' });
  });

  it('that breaks off is refused', async () => {
    const body = new PassThrough();
    const read = readJsonBody(body, '50', limits, createFakeClock());
    body.write('{"a":');
    body.destroy();
    await expect(read).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('is read across pieces that cut a character', async () => {
    const body = new PassThrough();
    const bytes = Buffer.from('{"a":"ü"}');
    const read = readJsonBody(body, undefined, limits, createFakeClock());
    body.write(bytes.subarray(0, 7));
    body.end(bytes.subarray(7));
    expect(await read).toEqual({ a: 'ü' });
  });
});
