import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { alsoInTheLargerSuite, isShortForm } from './short-form.ts';

const name = process.env['ENGINE'] ?? 'chromium';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    name,
    include: ['*.spec.ts'],
    exclude: isShortForm && name === 'chromium' ? [...alsoInTheLargerSuite] : [],
    globalSetup: './global-setup.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One file at a time, because a test measures how fluid the page is.
    fileParallelism: false,
    retry: 0,
    allowOnly: false,
  },
});
