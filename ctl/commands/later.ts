import { JamesError } from '../../proto/errors.ts';
import { type Command, defineCommand } from '../command.ts';

/** Verbs, and nouns with all their verbs, that a later release has. */
const verbs: Readonly<Record<string, string>> = {
  'packet sign': 'sign a packet',
  'packet verify': 'verify the signature of a packet',
  'device enrol': 'enrol a device by hand',
  'device retire': 'take a device out of service',
  rollout: 'gradual changes of a spec',
  key: 'keys for signatures',
  audit: 'who did what',
  backup: 'save the server’s state',
  restore: 'restore the server’s state',
};

export const laterCommands: readonly Command[] = Object.entries(verbs).map(([name, summary]) =>
  defineCommand({
    name,
    summary: `${summary} (later release)`,
    arguments: {},
    options: {},
    examples: [],
    later: true,
    run: () =>
      Promise.reject(
        new JamesError(
          'unsupported',
          `"${name}" is not supported by this release; a later one will have it.`,
        ),
      ),
  }),
);
