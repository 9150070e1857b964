import type { DesiredSource } from '../desired-source.ts';
import { certificateName, certificatesIn } from './certificate-name.ts';
import { refused, type SourceFile } from './source-file.ts';

/** The authorities of a source in one file; nothing for a source that has none of its own. Throws `bad-document`. */
export function authorityFile(source: DesiredSource, path: string): SourceFile[] {
  const certificates = authoritiesOf(source);
  if (certificates.length === 0) return [];
  return [{ path, content: `${certificates.join('\n')}\n`, mode: 0o644 }];
}

/**
 * The same, a file for each certificate, named so that OpenSSL finds it in the directory. Throws `bad-document` for what is
 * no certificate.
 */
export function authorityDirectory(source: DesiredSource, directory: string): SourceFile[] {
  const taken = new Map<string, number>();
  return authoritiesOf(source).map((certificate) => {
    const name = certificateName(certificate);
    if (name === null) throw refused(source, 'ca', certificate, 'it is no certificate');
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return { path: `${directory}/${name}.${count}`, content: `${certificate}\n`, mode: 0o644 };
  });
}

function authoritiesOf(source: DesiredSource): string[] {
  if (source.ca === undefined) return [];
  const certificates = certificatesIn(source.ca).map((text) => text.replace(/\r/g, ''));
  if (certificates.length > 0) return certificates;
  throw refused(source, 'ca', source.ca, 'certificates in PEM are needed');
}
