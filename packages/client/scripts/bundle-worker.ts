// Bundle the vault worker into one self-contained file, because the bundlers of applications copy it unchanged.
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** WebAssembly in base64. `AGFzb` is the beginning of its magic number. */
const wasmInBase64 = /"(AGFzb[A-Za-z0-9+/]+=*)"/g;

/**
 * Base64 hides the repetitions of a WebAssembly module from gzip. Written as a string of bytes, and encoded to base64
 * at run time, the module takes a quarter less.
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

await build({
  input: path('../src/worker/vault-worker.ts'),
  platform: 'browser',
  tsconfig: path('../tsconfig.build.json'),
  plugins: [compactWasm],
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
