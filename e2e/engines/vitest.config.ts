import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const name = process.env['ENGINE'] ?? 'chromium';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    name,
    include: ['*.spec.ts'],
    globalSetup: './global-setup.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One at a time: a test measures how fluid the page is.
    fileParallelism: false,
    retry: 0,
    allowOnly: false,
  },
});
