import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  sayDay,
  sayTime,
  utcTime,
  type ZoneTime,
  zoneTimeOf,
} from '../../../agent/core/zone-time.ts';

const zone = (name: string): ZoneTime => zoneTimeOf(name) ?? utcTime;
const at = (text: string): number => Date.parse(text);
/** A reading of the wall. */
const wall = (text: string): number => Date.parse(`${text}Z`);

describe('time on the wall', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T02:30', ['2026-03-29T01:30Z'], 'skipped'],
    ['Europe/Berlin', '2026-10-25T02:30', ['2026-10-25T00:30Z', '2026-10-25T01:30Z'], 'twice'],
    ['Europe/Berlin', '2026-07-01T12:00', ['2026-07-01T10:00Z'], 'once'],
    ['America/New_York', '2026-03-08T02:30', ['2026-03-08T07:30Z'], 'skipped'],
    ['America/New_York', '2026-11-01T01:30', ['2026-11-01T05:30Z', '2026-11-01T06:30Z'], 'twice'],
    ['Asia/Kolkata', '2026-03-29T02:30', ['2026-03-28T21:00Z'], 'no such changes'],
    ['Australia/Lord_Howe', '2026-04-05T01:45', ['2026-04-04T14:45Z', '2026-04-04T15:15Z'], 'half'],
    ['Pacific/Apia', '2011-12-30T12:00', ['2011-12-30T22:00Z'], 'a whole day is skipped'],
    ['Africa/Cairo', '2026-04-24T00:00', ['2026-04-23T22:00Z'], 'midnight is skipped'],
  ])('%s %s is %j: %s', (name, reading, instants) => {
    expect(zone(name).instantsOf(wall(reading))).toEqual(instants.map(at));
  });

  it('is read as people write it', () => {
    expect(sayTime(at('2026-07-01T22:05:59Z'), zone('Europe/Berlin'))).toBe(
      '2026-07-02 00:05 (Europe/Berlin)',
    );
    expect(sayDay(at('2026-07-01T22:05:59Z'), zone('America/New_York'))).toBe('2026-07-01');
  });

  it('a zone that nobody knows is none', () => {
    expect(zoneTimeOf('Mars/Olympus')).toBeNull();
  });

  it('an instant is among the instants of what the wall shows then', () => {
    const names = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
    fc.assert(
      fc.property(
        fc.constantFrom(...names, 'UTC', 'America/Sao_Paulo', 'Africa/Casablanca'),
        fc.integer({ min: at('2000-01-01T00:00Z'), max: at('2040-01-01T00:00Z') }),
        (name, instant) => {
          const time = zone(name);
          expect(time.instantsOf(time.wallOf(instant))).toContain(instant);
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });
});
