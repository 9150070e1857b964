import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Visit {
  width?: number;
  colorScheme?: 'light' | 'dark';
}

/** A page, and what went wrong in it by itself: exceptions, refused loads, console errors. */
export interface VisitedPage {
  page: Page;
  faults: string[];
  /** The address of every request that it made. */
  requests: string[];
}

export interface Browser {
  visit(url: string, options?: Visit): Promise<VisitedPage>;
  close(): Promise<void>;
}

/** Debian's Chromium with a fresh profile for each visit; nothing but the given address is asked. */
export function createBrowser(): Browser {
  const open: { context: BrowserContext; profile: string }[] = [];
  return {
    async visit(url, { width = 1280, colorScheme = 'light' } = {}) {
      const profile = mkdtempSync(join(tmpdir(), 'jamesd-browser-'));
      const context = await chromium.launchPersistentContext(profile, {
        executablePath: '/usr/bin/chromium',
        args: FLAGS,
        colorScheme,
        viewport: { width, height: 800 },
      });
      open.push({ context, profile });
      const page = context.pages()[0] ?? (await context.newPage());
      const visited: VisitedPage = { page, faults: [], requests: [] };
      page.on('pageerror', (error) => visited.faults.push(error.message));
      page.on('console', (line) => {
        if (line.type() === 'error') visited.faults.push(line.text());
      });
      page.on('request', (request) => visited.requests.push(request.url()));
      await page.goto(url);
      return visited;
    },
    async close() {
      for (const { context, profile } of open.splice(0)) {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
      }
    },
  };
}
