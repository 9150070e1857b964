import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

export interface Certificate {
  key: string;
  /** In PEM; it is its own authority. */
  cert: string;
}

/** A self-signed certificate for `packages.example.org` and 127.0.0.1, by openssl. `subject`: `/CN=…`. */
export async function createCertificate(
  subject = '/CN=packages.example.org',
): Promise<Certificate> {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-certificate-'));
  const [key, cert] = [join(directory, 'key'), join(directory, 'cert')];
  try {
    await runTool('openssl', [
      ...['req', '-x509', '-utf8', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert],
      ...['-subj', subject, '-days', '2'],
      ...['-addext', 'subjectAltName=DNS:packages.example.org,IP:127.0.0.1'],
    ]);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
