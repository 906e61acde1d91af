import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: { '#vault-host': fileURLToPath(new URL('src/worker/inline-vault-host.ts', import.meta.url)) },
  },
  test: { name: 'client', include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 60_000 },
});
