import { describe, expect, it } from 'vitest';
import { JamesError } from '../../../proto/errors.ts';
import { createAuthenticate } from '../../../server/http/authenticate.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function authenticator() {
  const clock = createFakeClock();
  const authenticate = createAuthenticate({
    clock,
    verifyToken: (token) => {
      if (token === 'old') throw new JamesError('token-expired', 'Expired.');
      return token === 'good' ? { id: 'g', kind: 'operator' } : null;
    },
    verifyDevice: async (id, secret) => id === 'a' && secret === 's:x',
  });
  return { clock, authenticate };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('authentication', () => {
  it('knows tokens and devices', async () => {
    const { authenticate } = authenticator();
    expect(await authenticate('Bearer good', '1')).toEqual({ kind: 'operator', token: 'g' });
    expect(await authenticate('bearer  good', '1')).toEqual({ kind: 'operator', token: 'g' });
    expect(await authenticate(basic('a:s:x'), '1')).toEqual({ kind: 'device', device: 'a' });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer bad',
    'Bearer good extra',
    'Digest good',
    'Basic',
    'Basic ***',
    basic('a'),
    basic(':s:x'),
    basic('a:'),
    basic('b:s:x'),
    `Bearer ${'x'.repeat(100_000)}`,
  ])('does not know %j', async (authorization) => {
    expect(await authenticator().authenticate(authorization, '1')).toBeNull();
  });

  it('says that a token has expired', async () => {
    const failed = authenticator().authenticate('Bearer old', '1');
    await expect(failed).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('slows down an address that guesses, and nobody else', async () => {
    const { authenticate, clock } = authenticator();
    for (let n = 0; n < 100; n += 1)
      expect(await authenticate('Bearer bad', '10.0.0.1')).toBeNull();
    const limited = { code: 'rate-limited' };
    await expect(authenticate('Bearer bad', '10.0.0.1')).rejects.toMatchObject(limited);
    expect(await authenticate('Bearer good', '10.0.0.1')).not.toBeNull();
    expect(await authenticate(undefined, '10.0.0.1')).toBeNull();
    expect(await authenticate('Bearer bad', '10.0.0.2')).toBeNull();
    await clock.advance(1000);
    expect(await authenticate('Bearer bad', '10.0.0.1')).toBeNull();
    await expect(authenticate('Bearer bad', '10.0.0.1')).rejects.toMatchObject(limited);
  });

  it('counts a network of IPv6 as one', async () => {
    const { authenticate } = authenticator();
    for (let n = 0; n < 100; n += 1) await authenticate('Bearer bad', `2001:db8:1:2:3::${n}`);
    const failed = authenticate('Bearer bad', '2001:db8:1:2:9::1');
    await expect(failed).rejects.toMatchObject({ code: 'rate-limited' });
    expect(await authenticate('Bearer bad', '2001:db8:1:3::1')).toBeNull();
  });
});
