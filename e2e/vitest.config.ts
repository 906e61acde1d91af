import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'client and server',
    include: ['{node,proxies}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
