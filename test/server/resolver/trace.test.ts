import { expect, it } from 'vitest';
import type { Request } from '../../../server/resolver/core/resolution.ts';
import { trace } from '../../../server/resolver/core/resolve.ts';
import { debIndex, debView } from './small-world.ts';

it('the steps of the resolver are a line for each package that adds others, and for each name that is provided', () => {
  const index = debIndex(
    'ssh Depends: openssh-client, openssh-server',
    'openssh-client Depends: libc6',
    'openssh-server Depends: libc6, debconf',
    'debconf Depends: perlapi-5.10.0',
    'perl-base Provides: perlapi-5.10.0; Depends: libc6',
    'libc6',
  );
  const request: Request = {
    wants: [{ name: 'ssh' }],
    ...{ policy: 'apt', recommends: null, essential: false, installed: [], locked: new Map() },
    ...{ prerequisites: true, downgrade: false, remove: false, upgrade: 'needed' },
  };
  expect(trace(debView(index), request)).toEqual([
    "Package ssh: adding new deps ['openssh-client', 'openssh-server']",
    "Package openssh-client: adding new deps ['libc6']",
    "Package openssh-server: adding new deps ['debconf']",
    "Package debconf: adding new deps ['perlapi-5.10.0']",
    "VPackage perlapi-5.10.0: got provides ['perl-base']",
  ]);
});
