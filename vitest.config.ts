import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'e2e', 'scripts'],
    execArgv: ['--expose-gc'],
    restoreMocks: true,
  },
});
