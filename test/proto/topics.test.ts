import { describe, expect, it } from 'vitest';
import {
  deviceChannels,
  deviceTopic,
  FLEET_CHANGES_TOPIC,
  FLEET_SUMMARY_TOPIC,
  parseTopic,
  sourceStatusTopic,
  specStatusTopic,
} from '../../proto/topics.ts';

describe('topics', () => {
  it.each(deviceChannels)('of a device: %s comes out as it went in', (channel) => {
    expect(parseTopic(deviceTopic('buoy-17', channel))).toEqual({
      kind: 'device',
      device: 'buoy-17',
      channel,
    });
  });

  it('of the fleet, of specs and of sources', () => {
    expect(parseTopic(sourceStatusTopic('s'))).toEqual({ kind: 'source-status', source: 's' });
    expect(parseTopic('jamesd/v1/sources/s')).toBeNull();
    expect(parseTopic(FLEET_SUMMARY_TOPIC)).toEqual({ kind: 'fleet-summary' });
    expect(parseTopic(FLEET_CHANGES_TOPIC)).toEqual({ kind: 'fleet-changes' });
    expect(parseTopic(specStatusTopic('s'))).toEqual({ kind: 'spec-status', spec: 's' });
  });

  it.each([
    '',
    '$SYS/broker',
    'jamesd/v2/devices/a/desired',
    'jamesd/v1/devices/+/desired',
    'jamesd/v1/devices/a/#',
    'jamesd/v1/devices/a/desired/x',
    'jamesd/v1/devices/token/desired',
    'jamesd/v1/devices//desired',
    'jamesd/v1/devices/a/unknown',
    'jamesd/v1/fleet/summary/x',
  ])('%s is none of ours', (topic) => expect(parseTopic(topic)).toBeNull());
});
