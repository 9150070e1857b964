import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../../agent/core/facts.ts';
import { readMachine } from '../../../agent/facts/machine.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** Writes a tree of files; those that begin with `#!` can be executed. */
function machine(tree: Record<string, string>): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    if (text.startsWith('#!')) chmodSync(join(root, path), 0o755);
  }
  return root;
}

describe('facts of a machine', () => {
  it('a Debian with a foreign architecture', async () => {
    const host = machine({
      'etc/os-release':
        'ID=raspbian\nID_LIKE="debian"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
      'usr/bin/apt-get': '#!/bin/sh\n',
      'usr/bin/ldd': "#!/bin/bash\necho 'ldd (Debian GLIBC 2.36-9+deb12u4) 2.36'\n",
      'var/lib/dpkg/arch': 'amd64\nriscv64\n',
    });
    expect(factsOf(await readMachine(host))).toMatchObject({
      os: 'raspbian',
      'os.like': 'debian',
      'os.version': '12',
      'os.codename': 'bookworm',
      'arch.foreign': expect.stringContaining('riscv64'),
      libc: 'glibc',
      'libc.version': '2.36',
      packages: 'apt',
    });
  });

  it('names the drivers of the device, where there are any', async () => {
    const machineRead = await readMachine(machine({}));
    expect(factsOf(machineRead, undefined, ['ab-image', 'oci'])).toMatchObject({
      drivers: 'ab-image,oci',
    });
    expect(factsOf(machineRead)).not.toHaveProperty('drivers');
  });

  it('an Alpine: musl tells its version when its loader is run', async () => {
    const host = machine({
      'usr/lib/os-release': 'ID=alpine\nVERSION_ID=3.19.1\n',
      'sbin/apk': '#!/bin/sh\n',
      'lib/ld-musl-aarch64.so.1':
        '#!/bin/sh\necho "musl libc (aarch64)\nVersion 1.2.4_git2023" >&2\nexit 1\n',
    });
    const facts = factsOf(await readMachine(host));
    expect(facts).toMatchObject({ os: 'alpine', libc: 'musl', packages: 'apk' });
    expect(facts['libc.version']).toBe('1.2.4_git2023');
    expect(facts).not.toHaveProperty('os.codename');
  });

  it('an Enterprise Linux has dnf, whatever yum is there beside it', async () => {
    const host = machine({ 'usr/bin/dnf': '#!/bin/sh\n', 'usr/bin/yum': '#!/bin/sh\n' });
    expect(factsOf(await readMachine(host))).toMatchObject({ packages: 'dnf' });
  });

  it('a machine that tells nothing has an architecture all the same', async () => {
    const facts = factsOf(await readMachine(machine({})));
    expect(facts).toHaveProperty('arch');
    expect(facts).not.toHaveProperty('libc');
    expect(facts).not.toHaveProperty('packages');
  });

  it('this machine', async () => {
    const facts = factsOf(await readMachine());
    expect(Object.keys(facts)).toEqual(expect.arrayContaining(['arch', 'kernel', 'hostname']));
  });
});
