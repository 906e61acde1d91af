import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    // Inline nothing, because the Content-Security-Policy allows only files of this origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
});
