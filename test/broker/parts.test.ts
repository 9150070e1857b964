import fc from 'fast-check';
import mqtt from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { spend, waitFor } from '../../broker/core/pace.ts';
import { encodePublish } from '../../broker/publish-frame.ts';
import { createQuietLog } from '../../broker/quiet-log.ts';
import { createRetainedIndex } from '../../broker/retained.ts';
import { createSubscriptions } from '../../broker/subscriptions.ts';
import { silentLog } from '../../proto/log.ts';
import { createSystemClock } from '../../server/system/clock.ts';

it('a publish is encoded as mqtt-packet does it', () => {
  const topic = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });
  const size = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.constantFrom(127, 128, 16_383, 16_384, 65_000),
  );
  fc.assert(
    fc.property(
      topic,
      size,
      fc.constantFrom(0 as const, 1 as const),
      fc.boolean(),
      fc.integer({ min: 1, max: 65_535 }),
      (name, length, qos, retain, packetId) => {
        const payload = Buffer.alloc(length, 'p');
        const expected = mqtt.generate({
          cmd: 'publish',
          topic: name,
          payload,
          qos,
          retain,
          dup: false,
          messageId: packetId,
        });
        expect(
          encodePublish({ topic: name, payload, qos, retain, packetId }).equals(expected),
        ).toBe(true);
      },
    ),
  );
});

describe('pace', () => {
  const pace = { perSecond: 10, burst: 3 };
  it('allows a burst, then evenly', () => {
    let used = 0;
    const waits = [0, 0, 0, 0, 0].map(() => {
      const wait = waitFor(pace, used, 5000);
      used = spend(pace, used, 5000);
      return wait;
    });
    expect(waits).toEqual([0, 0, 0, 100, 200]);
  });
  it('never lets more through than rate and burst say', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }), (gaps) => {
        let now = 0;
        let used = 0;
        let taken = 0;
        for (const gap of gaps) {
          now += gap;
          if (waitFor(pace, used, now) > 0) continue;
          used = spend(pace, used, now);
          taken++;
        }
        return taken <= (now * pace.perSecond) / 1000 + pace.burst;
      }),
    );
  });
});

describe('subscriptions', () => {
  it('agree with a list that is searched', () => {
    const filter = fc.constantFrom('a', 'a/b', 'a/b/c', 'a/#', 'a/b/#', 'ab', 'ab/c');
    const step = fc.record({ add: fc.boolean(), filter, who: fc.constantFrom('x', 'y', 'z') });
    fc.assert(
      fc.property(
        fc.array(step),
        filter.filter((text) => !text.endsWith('#')),
        (steps, topic) => {
          const index = createSubscriptions<string>();
          let list: string[][] = [];
          for (const { add, filter, who } of steps) {
            const had = list.some(([f, w]) => f === filter && w === who);
            list = list.filter(([f, w]) => f !== filter || w !== who);
            if (add) {
              index.add(filter, who, 1);
              list.push([filter, who]);
            } else expect(index.remove(filter, who)).toBe(had);
          }
          const expected = list
            .filter(
              ([f = '']) =>
                f === topic || (f.endsWith('/#') && `${topic}/`.startsWith(f.slice(0, -1))),
            )
            .map(([, w]) => w);
          const found: string[] = [];
          index.match(topic, ({ subscriber }) => found.push(subscriber));
          expect(found.sort()).toEqual(expected.sort());
        },
      ),
    );
  });
});

it('the retained index counts, replaces, clears and finds below a filter', () => {
  const index = createRetainedIndex();
  const store = (topic: string, text: string) =>
    index.store({ topic, payload: Buffer.from(text), qos: 1, retain: true });
  store('a/b/c/d', '1');
  store('a/b/c/d', '2');
  store('a/b/c', '3');
  store('a/b/x/d', '4');
  store('q', '5');
  store('q', '');
  expect(index.size()).toBe(3);
  expect(index.get('q')).toBeUndefined();
  expect(index.below('a/b/c/#').map(({ payload }) => Buffer.from(payload).toString())).toEqual([
    '2',
  ]);
});

it('the retained index keeps a copy, not the chunk that a payload came in', () => {
  const index = createRetainedIndex();
  const chunk = Buffer.alloc(65_536);
  index.store({ topic: 'a', payload: chunk.subarray(10, 20), qos: 1, retain: true });
  expect(index.get('a')?.payload.buffer.byteLength).toBe(10);
});

it('what strangers can cause is logged a few times, then counted', () => {
  let now = 0;
  const lines: object[] = [];
  const log = createQuietLog(
    { ...silentLog, warn: (fields) => lines.push(fields) },
    { ...createSystemClock(), monotonic: () => now },
  );
  for (let at = 0; at < 1000; at++) log.warn('denied', { at }, 'Denied.');
  expect(lines).toHaveLength(10);
  log.warn('other', {}, 'Another kind.');
  expect(lines).toHaveLength(11);
  now += 60_000;
  log.warn('denied', { at: 'last' }, 'Denied.');
  expect(lines.at(-1)).toEqual({ at: 'last', leftOut: 990 });
});
