// Tests of the page in a real browser, against the real binary. Chromium is the system's, not a download.
import { defineConfig } from '@playwright/test';
import { chromium } from './e2e/chromium';

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
    launchOptions: { executablePath: chromium(), args: ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'] },
  },
});
