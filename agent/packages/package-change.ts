import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import { ensureDirectory } from '../state-file.ts';
import type { Files } from '../system/files.ts';
import { managedAfter } from './core/reported-packages.ts';
import type { PackageTarget } from './package-driver.ts';
import type { PackageAsk, PackageChange } from './package-work.ts';
import { makeReady, type PrepareParts } from './prepare-packages.ts';
import { secretReporter, withoutSecrets } from './secret-reporter.ts';

export interface ChangeParts extends PrepareParts {
  files: Files;
  /** The agent's state directory. */
  state: string;
  ask: PackageAsk;
}

/** A change to a target that is not the device's yet. Errors say nothing of users and passwords. */
export function createPackageChange(parts: ChangeParts, wanted: PackageTarget): PackageChange {
  const { driver, locks, signal, ask } = parts;
  const { secrets } = wanted;
  const reporter = secretReporter(parts.reporter, secrets);
  let target = wanted;
  let rebootBefore = false;
  let before: Awaited<ReturnType<typeof driver.installed>> = [];

  const safely = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act();
    } catch (error) {
      throw clean(error, secrets);
    }
  };

  async function ready(): Promise<void> {
    await ensureDirectory(parts.files, `${parts.state}/packages`, 0o700);
    target = await makeReady(parts, wanted);
    before = await driver.installed();
    rebootBefore = await driver.needsReboot();
    const missing = await driver.holdWayBack(target, reporter, signal);
    signal.throwIfAborted();
    if (missing.length > 0 && ask.policy.irreversible !== 'allow') throw cannotGoBack(missing);
    if (missing.length > 0) reporter.log(['It cannot be taken back in whole:', ...missing]);
  }

  return {
    manager: driver.manager,
    ready: () => safely(ready),
    begun: async () => ({
      lock: await locks.keep(target.lock),
      asked: ask.lock?.digest ?? null,
      sources: digestOf([...ask.sources]),
      policy: target.policy,
      managed: [...target.managed],
      before,
    }),
    install: () => safely(() => driver.apply(target, reporter)),
    remove: () =>
      safely(async () => {
        const managed = managedAfter(target.managed, before, await driver.installed());
        await driver.remove({ ...target, managed: new Set(managed) }, reporter);
      }),
    needsReboot: async () => !rebootBefore && (await driver.needsReboot()),
  };
}

function cannotGoBack(sentences: readonly string[]): JamesError {
  const more = sentences.length > 5 ? ` There are ${sentences.length} such packages.` : '';
  return new JamesError(
    'undo-unavailable',
    `What is installed could not be put back: ${sentences.slice(0, 5).join(' ')}${more} Let a source offer these versions, or say \`irreversible: allow\` in a spec.`,
  );
}

function clean(error: unknown, secrets: PackageTarget['secrets']): unknown {
  if (!(error instanceof JamesError) || secrets.size === 0) return error;
  const { code, message, members } = error;
  return new JamesError(code, withoutSecrets(message, secrets), { members });
}
