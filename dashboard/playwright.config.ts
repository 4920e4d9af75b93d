// Tests of the page in a real browser, against the real binary. Chromium is the system's, not a download.
import { defineConfig } from '@playwright/test';
import { chromium } from './e2e/chromium';

const ARGS = ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'];
// A page that a test hands out is of no network, and may not open sockets to this machine.
if (process.env['GOLDSTREAM_PAGE']) ARGS.push('--disable-features=LocalNetworkAccessChecks');

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  workers: 1,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    locale: 'fr-FR',
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: chromium(), args: ARGS },
  },
});
