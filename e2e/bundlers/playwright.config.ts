import { defineConfig } from '@playwright/test';
import browser from '../playwright.config.ts';

export default defineConfig({
  testDir: '.',
  globalSetup: './pack-client.ts',
  outputDir: '../../.results/bundlers',
  reporter: [['list'], ['json', { outputFile: '../../.results/bundlers.json' }]],
  timeout: 60_000,
  fullyParallel: false,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  ...(browser.use === undefined ? {} : { use: browser.use }),
});
