// Bundle the vault worker into one self-contained file, because the bundlers of applications copy it unchanged.
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The two WebAssembly modules of Argon2id in hash-wasm, in base64. */
const wasmOfArgon2 = /(?<=var name\S* = "(?:argon2|blake2b)";\s*var data\S* = )"([A-Za-z0-9+/]+=*)"/g;

/**
 * Base64 hides the repetitions of a WebAssembly module from gzip. The module is written as the hexadecimal digits of
 * its bytes, first all high digits and then all low digits. It takes a third less then, as if gzip had the bytes
 * themselves. One string at the top of the file has both modules, because gzip packs similar text best in one place.
 */
const compactWasm: Plugin = {
  name: 'compact-wasm',
  transform: (code, id) => {
    if (!id.includes('hash-wasm')) return undefined;
    const modules = Array.from(code.matchAll(wasmOfArgon2), ([, base64]) =>
      Buffer.from(base64 ?? '', 'base64'),
    );
    if (modules.length !== 2) throw new Error('hash-wasm has its WebAssembly in another form now');
    let start = 0;
    const packed = code.replaceAll(wasmOfArgon2, (_, base64: string) => {
      const end = start + Buffer.from(base64, 'base64').length;
      const call = `/* @__PURE__ */ unpack(${start}, ${end})`;
      start = end;
      return call;
    });
    digits = digitsOf(Buffer.concat(modules));
    return packed + unpack;
  },
};
let digits = '';

/** Turns the digits back into base64, which hash-wasm expects. */
const unpack = `
function unpack(start, end) {
  return btoa(Array.from({ length: end - start }, (_, i) =>
    String.fromCharCode(parseInt(wasmDigits[start + i] + wasmDigits[wasmDigits.length / 2 + start + i], 16))).join(''));
}
`;

function digitsOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return hex.replace(/(.)./g, '$1') + hex.replace(/.(.)/g, '$1');
}

/**
 * The ed25519 module of noble has functions that hash to its groups by SHA-512, all of them in one object. The worker
 * calls none of them, because `blind-pin.ts` and core hash by Web Crypto. A bundler cannot see that. So this plugin
 * replaces the modules that these functions import by functions that throw.
 */
const withoutSha512: Plugin = {
  name: 'without-sha512',
  resolveId: (source, importer) =>
    importer?.endsWith('/curves/ed25519.js') === true && unused.has(source)
      ? `\0unused ${source}`
      : undefined,
  load: (id) => (id.startsWith('\0unused ') ? unused.get(id.slice('\0unused '.length)) : undefined),
};
const refuse = "() => { throw new Error('the vault worker hashes by Web Crypto'); }";
const unused = new Map([
  ['@noble/hashes/sha2.js', `export const sha512 = ${refuse};`],
  [
    './abstract/hash-to-curve.js',
    `export const createHasher = ${refuse}, expand_message_xmd = createHasher, _DST_scalar = '';`,
  ],
]);

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
    postBanner: () => `const wasmDigits="${digits}";`,
    codeSplitting: false,
    comments: { annotation: false },
  },
  logLevel: 'warn',
});
