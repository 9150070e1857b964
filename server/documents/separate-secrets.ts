import type { Credentials } from '../../proto/secret.ts';
import type { Source } from '../../proto/source.ts';
import { separateCredentials } from '../secrets/core/source-credentials.ts';
import type { Changes } from './changes.ts';

/** Changes whose sources hold no user and password, and the secrets that these have become. Throws `bad-document`. */
export function separateSecrets(asked: Changes): {
  wanted: Changes;
  secrets: ReadonlyMap<string, Credentials>;
} {
  const secrets = new Map<string, Credentials>();
  const sources = new Map<string, Source | null>();
  for (const [id, document] of asked.Source) {
    const separated = document && separateCredentials(document);
    sources.set(id, separated ? separated.source : null);
    for (const [name, credentials] of separated?.secrets ?? []) secrets.set(name, credentials);
  }
  return { wanted: { ...asked, Source: sources }, secrets };
}
