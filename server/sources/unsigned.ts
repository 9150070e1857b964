import { JamesError } from '../../proto/errors.ts';
import { shownUrl } from './core/repository-url.ts';

/** The refusal of an index without a good signature; `why` is the rest of a sentence. */
export function unsigned(url: string, why: string): JamesError {
  return new JamesError(
    'bad-signature',
    `${shownUrl(url)} cannot be trusted: ${why}. Give the keys as signedBy, or say trusted: true.`,
  );
}
