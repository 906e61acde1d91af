import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'browser',
  globalSetup: './start-packed-app.ts',
  outputDir: '../.results/playwright',
  reporter: [
    ['list'],
    ['json', { outputFile: process.env['PLAYWRIGHT_RESULTS'] ?? '../.results/playwright.json' }],
  ],
  timeout: 60_000,
  expect: { timeout: 20_000 },
  fullyParallel: false,
  // One worker, because a test listens for tasks that block the page.
  workers: 1,
  forbidOnly: true,
  retries: 0,
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(process.env['CHROMIUM_PATH'] === undefined ? {} : { executablePath: process.env['CHROMIUM_PATH'] }),
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
