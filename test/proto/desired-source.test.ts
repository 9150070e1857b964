import { expect, it } from 'vitest';
import { secretsOf } from '../../proto/desired-source.ts';
import { desiredSource } from '../../server/sources/core/desired-source.ts';

it('sources need the secrets of their repository and of their proxy, each once', () => {
  const base = { type: 'yum', rawUrl: 'https://a.example.org/', target: {}, auth: 'mirror' };
  const through = { proxy: 'http://proxy.example.org:3128/', proxyAuth: 'gate' };
  const sources = [
    desiredSource({ id: 'a', ...base }, [], []),
    desiredSource({ id: 'b', ...base, ...through }, [], []),
  ];
  expect(secretsOf(sources)).toEqual(['mirror', 'gate']);
});
