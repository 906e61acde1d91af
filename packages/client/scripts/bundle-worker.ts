// Bundle the vault worker into one self-contained file: bundlers of applications copy it as it is.
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

await build({
  input: path('../src/vault/vault-worker.ts'),
  platform: 'browser',
  tsconfig: path('../tsconfig.build.json'),
  output: { file: path('../dist/vault/vault-worker.js'), format: 'esm', minify: true, codeSplitting: false },
  logLevel: 'warn',
});
