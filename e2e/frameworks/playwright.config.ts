import { defineConfig } from '@playwright/test';
import browser from '../playwright.config.ts';

export default defineConfig({
  testDir: '.',
  globalSetup: './prepare-apps.ts',
  outputDir: '../../.results/frameworks',
  reporter: [['list'], ['json', { outputFile: '../../.results/frameworks.json' }]],
  timeout: 120_000,
  expect: { timeout: 20_000 },
  fullyParallel: false,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  ...(browser.use === undefined ? {} : { use: browser.use }),
});
