import type { PackageReporter, PackageTarget } from './package-driver.ts';

/** Shorter ones would hide ordinary words. */
const MIN_CHARACTERS = 4;

/** The text without the users and passwords of the secrets. */
export function withoutSecrets(text: string, secrets: PackageTarget['secrets']): string {
  let clean = text;
  for (const { username, password } of secrets.values()) {
    for (const word of [password, encodeURIComponent(password), username]) {
      if (word.length >= MIN_CHARACTERS) clean = clean.replaceAll(word, '***');
    }
  }
  return clean;
}

/** A reporter that lets no secret through. */
export function secretReporter(
  reporter: PackageReporter,
  secrets: PackageTarget['secrets'],
): PackageReporter {
  return {
    log: (lines) => reporter.log(lines.map((line) => withoutSecrets(line, secrets))),
    progress: (bytes, total) => reporter.progress(bytes, total),
  };
}
