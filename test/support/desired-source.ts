import type { DesiredSource } from '../../proto/desired-source.ts';

/** A source as a device gets it, with everything that a test does not say. */
export function aDesiredSource(some: Partial<DesiredSource> & { id: string }): DesiredSource {
  return {
    type: 'apt',
    urls: [],
    base: 'http://deb.example.org/debian/',
    flat: false,
    suite: 'stable',
    components: ['main'],
    archs: ['amd64'],
    signedBy: null,
    trusted: false,
    debsrc: false,
    priority: 500,
    include: [],
    exclude: [],
    options: {},
    auth: null,
    proxy: null,
    file: null,
    ...some,
  };
}
