// Measures the page, and prints one table; no test hangs on its figures.
import { defineConfig } from '@playwright/test';
import base from '../playwright.config';

export default defineConfig({ ...base, testDir: '.', testMatch: 'bench.ts', timeout: 120_000 });
