import { defineConfig } from 'vitest/config';

/**
 * `unit`: in-process tests, one module graph for all (no module holds state).
 * `e2e`: real processes on loopback, one file after the other.
 */
export default defineConfig({
  test: {
    isolate: false,
    /** Much waits for package managers and disks, so every core gets a worker. */
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/fault/**'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/fault/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
