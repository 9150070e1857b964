import { JamesError } from '../../proto/errors.ts';

/** How much is written between two looks at the disk. */
const STEP = 16 * 1024 * 1024;

/**
 * Watches the free space while something is written: throws `no-space` when less than `minFreeBytes` is left, so that
 * uploads cannot take what the store needs to go on.
 */
export function createFreeSpaceGuard(options: {
  freeBytes: () => Promise<number>;
  minFreeBytes: number;
}): { check(written: number): Promise<void> } {
  let next = 0;
  return {
    async check(written) {
      if (written < next) return;
      next = written + STEP;
      if ((await options.freeBytes()) >= options.minFreeBytes) return;
      throw new JamesError(
        'no-space',
        `The server keeps ${options.minFreeBytes} bytes free and takes no more content; delete packets or free some space.`,
      );
    },
  };
}
