import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { certificateName, certificatesIn } from '../../../proto/source-files/certificate-name.ts';
import { createCertificate } from '../../support/certificate.ts';
import { runTool } from '../../support/run-tool.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

it.each([
  '/CN=packages.example.org',
  '/C=DE/O=Example  Works /OU=Häuser & Söhne/CN=An  AUTHORITY',
  '/DC=org/DC=example/CN=mixed+UID=two in one',
  `/CN=${'long '.repeat(12)}/O=${'x'.repeat(60)}/OU=${'y'.repeat(60)}`,
])('a certificate of %j has the name that openssl gives it', async (subject) => {
  const { cert } = await createCertificate(subject);
  const file = join(temporaryDirectory(), 'cert');
  writeFileSync(file, cert);
  const name = await runTool('openssl', ['x509', '-hash', '-noout', '-in', file]);
  expect(certificateName(cert)).toBe(name.trim());
});

it('what is no certificate has no name', () => {
  const block = (text: string) =>
    `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
  for (const text of ['', 'AAAA', 'MIID', 'MIIDnonsense', '???', 'MAA='])
    expect(certificateName(block(text)), text).toBe(null);
  expect(certificatesIn(`a\n${block('AA')}b\n${block('BB')}`)).toHaveLength(2);
});
