import { type Desired, desiredDigest, type PacketLine } from '../../proto/desired.ts';
import { sha256Of } from '../../proto/digest.ts';

/** A desired document of one packet `logger`, whose digest is right; parts can be replaced. */
export function makeDesired(signed: Partial<Desired['signed']> = {}): Desired {
  const body = { packets: [loggerLine('1')], lock: null, sources: [], policy: {}, ...signed };
  return {
    schema: 'jamesd.desired/1',
    signatures: [],
    signed: {
      device: 'buoy-17',
      epoch: 'e1',
      after: null,
      revision: 1,
      issuedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2099-01-01T00:00:00.000Z',
      requires: [],
      ...body,
      digest: signed.digest ?? desiredDigest(body),
    },
  };
}

export const loggerLine = (version: string): PacketLine => ({
  name: 'logger',
  id: sha256Of(`logger ${version}`),
  labels: { version },
  size: 10,
  url: '/v1/packets/logger/content',
  reason: { spec: 'logger-spec', revision: 1 },
});
