// Bundle the vault worker into one self-contained file: bundlers of applications copy it as it is.
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** WebAssembly in base64: `AGFzb` is how its magic number begins. */
const wasmInBase64 = /"(AGFzb[A-Za-z0-9+/]+=*)"/g;

/**
 * Base64 hides from gzip what repeats in a WebAssembly module. As a string of its bytes, put back into base64 where
 * it is used, it takes a quarter less.
 */
const compactWasm: Plugin = {
  name: 'compact-wasm',
  transform: (code, id) =>
    id.includes('hash-wasm')
      ? code.replaceAll(wasmInBase64, (_, base64: string) => `/* @__PURE__ */ btoa(${byteString(base64)})`)
      : undefined,
};

function byteString(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

/**
 * noble's module of ed25519 imports SHA-512 for functions that the worker never calls. `blind-pin.ts` and core hash by
 * Web Crypto. A bundler cannot see that, so the module gets a hash that throws.
 */
const withoutSha512: Plugin = {
  name: 'without-sha512',
  resolveId: (source, importer) =>
    source === '@noble/hashes/sha2.js' && importer?.endsWith('/curves/ed25519.js') === true
      ? noSha512
      : undefined,
  load: (id) =>
    id === noSha512
      ? "export const sha512 = () => { throw new Error('the vault worker hashes by Web Crypto'); };"
      : undefined,
};
const noSha512 = '\0no-sha512';

await build({
  input: path('../src/worker/vault-worker.ts'),
  platform: 'browser',
  tsconfig: path('../tsconfig.build.json'),
  plugins: [compactWasm, withoutSha512],
  resolve: { conditionNames: ['zkp-auth-vault', 'browser', 'import', 'module', 'default'] },
  output: {
    file: path('../dist/worker/vault-worker.js'),
    format: 'esm',
    minify: true,
    codeSplitting: false,
    comments: { annotation: false },
  },
  logLevel: 'warn',
});
