import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, may } from '../../broker/core/access-rules.ts';
import type { Identity } from '../../broker/core/identity.ts';
import {
  type DeviceChannel,
  deviceChannels,
  deviceTopic,
  FLEET_CHANGES_TOPIC,
  FLEET_SUMMARY_TOPIC,
  rolloutStatusTopic,
  specStatusTopic,
  VIEWER_FILTERS,
} from '../../proto/topics.ts';

const actions: readonly Action[] = ['publish', 'retain', 'subscribe', 'receive', 'will'];
const id = fc
  .stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/)
  .filter((text) => text !== 'token');
const identity: fc.Arbitrary<Identity> = fc.oneof(
  id.map((device): Identity => ({ kind: 'device', device })),
  id.map((token): Identity => ({ kind: 'operator', token })),
);
const level = fc.oneof(
  id,
  fc.constantFrom('', '+', '#', 'jamesd', 'v1', 'devices', 'fleet', 'specs', '$SYS'),
);
const anyTopic = fc.array(level, { minLength: 1, maxLength: 7 }).map((levels) => levels.join('/'));
const device: Identity = { kind: 'device', device: 'a' };
const operator: Identity = { kind: 'operator', token: 'alice' };

/** What a subscription to the filter would let through (MQTT 3.1.1, section 4.7). */
function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [at, word] of wanted.entries()) {
    if (word === '#') return true;
    if (word !== '+' && word !== levels[at]) return false;
    if (levels[at] === undefined) return false;
  }
  return wanted.length === levels.length;
}

describe('access rules', () => {
  it('nobody can subscribe to what another device is to have', () => {
    const nearDevices = fc
      .tuple(
        fc.constantFrom('jamesd', '+', '#'),
        fc.constantFrom('v1', '+', '#'),
        level,
        level,
        level,
      )
      .map((levels) => levels.join('/'));
    fc.assert(
      fc.property(identity, fc.oneof(anyTopic, nearDevices), id, (who, filter, other) => {
        fc.pre(who.kind === 'operator' || who.device !== other);
        const secret = deviceTopic(other, 'desired');
        return !(may(who, 'subscribe', filter) && matches(filter, secret));
      }),
      { numRuns: 5000 },
    );
  });

  it('nobody receives, publishes or wills to what another device is to have', () => {
    fc.assert(
      fc.property(identity, id, fc.constantFrom(...actions), (who, other, action) => {
        fc.pre(who.kind === 'operator' || who.device !== other);
        return !may(who, action, deviceTopic(other, 'desired'));
      }),
    );
  });

  it('a device does nothing with topics of another device', () => {
    fc.assert(
      fc.property(
        id,
        id,
        fc.constantFrom(...actions),
        fc.constantFrom(...deviceChannels),
        (me, other, action, channel) => {
          fc.pre(me !== other);
          return !may({ kind: 'device', device: me }, action, deviceTopic(other, channel));
        },
      ),
    );
  });

  it('no wildcard but the viewer filters, nothing outside our topics', () => {
    fc.assert(
      fc.property(identity, anyTopic, fc.constantFrom(...actions), (who, topic, action) => {
        fc.pre(
          !VIEWER_FILTERS.includes(topic) &&
            (/[+#$]/.test(topic) || !topic.startsWith('jamesd/v1/')),
        );
        return !may(who, action, topic);
      }),
    );
  });

  const own: Record<DeviceChannel, Action[]> = {
    desired: ['subscribe', 'receive'],
    reported: ['publish', 'retain', 'subscribe', 'receive'],
    presence: ['subscribe', 'receive', 'will'],
    progress: ['publish', 'subscribe', 'receive'],
    log: ['publish', 'subscribe', 'receive'],
  };
  it.each(deviceChannels)('a device with its own %s', (channel) => {
    expect(actions.filter((action) => may(device, action, deviceTopic('a', channel)))).toEqual(
      own[channel],
    );
  });

  it.each(deviceChannels)('an operator with the %s of a device', (channel) => {
    const allowed = actions.filter((action) => may(operator, action, deviceTopic('a', channel)));
    expect(allowed).toEqual(channel === 'desired' ? [] : ['subscribe', 'receive']);
  });

  it.each([
    FLEET_SUMMARY_TOPIC,
    FLEET_CHANGES_TOPIC,
    specStatusTopic('s'),
    rolloutStatusTopic('r'),
  ])('an operator hears %s, a device does not', (topic) => {
    expect(actions.filter((action) => may(operator, action, topic))).toEqual([
      'subscribe',
      'receive',
    ]);
    expect(actions.filter((action) => may(device, action, topic))).toEqual([]);
  });

  it('the viewer filters are for operators', () => {
    for (const filter of VIEWER_FILTERS) {
      expect(may(operator, 'subscribe', filter)).toBe(true);
      expect(may(device, 'subscribe', filter)).toBe(false);
      expect(may(operator, 'publish', filter)).toBe(false);
    }
  });
});
