// Takes the pictures of the documentation, and with PICTURES_DIR those that a person looks through.
import { defineConfig } from '@playwright/test';
import base from '../playwright.config';

export default defineConfig({ ...base, testDir: '.', testMatch: 'pictures.ts', timeout: 900_000 });
