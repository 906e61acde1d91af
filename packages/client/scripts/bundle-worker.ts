// Bundle the vault worker into one self-contained file, because the bundlers of applications copy it unchanged.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';
import { leaveOut } from './leave-out.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A WebAssembly module in hash-wasm's bundle, in base64. */
const wasmIn = (bundle: string, name: string): Buffer => {
  const base64 = new RegExp(`var name\\S* = "${name}";\\s*var data\\S* = "([A-Za-z0-9+/]+=*)"`).exec(
    bundle,
  )?.[1];
  if (base64 === undefined) throw new Error('hash-wasm has its WebAssembly in another form now');
  return Buffer.from(base64, 'base64');
};

/**
 * hash-wasm from its published sources, because its bundle is compiled for browsers without `async`. The sources name
 * WebAssembly modules that only the bundle has.
 *
 * Base64 hides the repetitions of a WebAssembly module from gzip. The module is written as the hexadecimal digits of
 * its bytes, first all high digits and then all low digits. It takes a third less then, as if gzip had the bytes
 * themselves. One string at the top of the file has both modules, because gzip packs similar text best in one place.
 */
const hashWasm: Plugin = {
  name: 'hash-wasm',
  resolveId: (source, importer) => {
    if (source === 'hash-wasm') return path('../node_modules/hash-wasm/lib/argon2.ts');
    if (importer?.includes('/hash-wasm/lib/') !== true) return undefined;
    if (source === './util') return '\0hash-wasm util';
    return source.endsWith('.wasm.json') ? `\0${source.slice('../wasm/'.length)}.js` : undefined;
  },
  load: (id) => {
    if (id === '\0hash-wasm util') return util;
    const name = /^\0(\w+)\.wasm\.json\.js$/.exec(id)?.[1];
    if (name === undefined) return undefined;
    const start = wasm.length;
    wasm = Buffer.concat([wasm, wasmIn(bundleOfHashWasm, name)]);
    return `export default { name: '${name}', hash: '', data: [${start}, ${wasm.length}] };`;
  },
};
const bundleOfHashWasm = readFileSync(path('../node_modules/hash-wasm/dist/index.esm.js'), 'utf8');
let wasm = Buffer.alloc(0);

/**
 * Its helpers, except that the bytes of a module come from the digits. Nothing else is decoded or encoded here. The
 * string is used twice, because a minifier moves one that is used once to its place, far from the code like it.
 */
const util = `
export * from '${path('../node_modules/hash-wasm/lib/util.ts')}';
export function decodeBase64([start, end]) {
  return Uint8Array.from({ length: end - start }, (_, i) =>
    parseInt(wasmDigits[start + i] + wasmDigits[wasmDigits.length / 2 + start + i], 16));
}
export function encodeBase64() { throw new Error('left out of the vault worker'); }
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
    importer?.endsWith('/curves/ed25519.js') === true && hashing.has(source)
      ? `\0unused ${source}`
      : undefined,
  load: (id) => (id.startsWith('\0unused ') ? hashing.get(id.slice('\0unused '.length)) : undefined),
};
const refuse = "() => { throw new Error('the vault worker hashes by Web Crypto'); }";
const hashing = new Map([
  ['@noble/hashes/sha2.js', `export const sha512 = ${refuse};`],
  [
    './abstract/hash-to-curve.js',
    `export const createHasher = ${refuse}, expand_message_xmd = createHasher, _DST_scalar = '';`,
  ],
]);

/** The worker multiplies points and encodes them. It reads encodings of ristretto255 alone, and takes no square root. */
const pointMethods = ['assertValidity', 'clearCofactor', 'isSmallOrder', 'isTorsionFree', 'multiplyUnsafe'];
const unused = leaveOut({
  '/hash-wasm/lib/WASMInterface.ts': { throwing: ['save', 'load'] },
  '/hash-wasm/lib/argon2.ts': { throwing: ['encodeResult'] },
  '/curves/abstract/modular.js': { throwing: ['FpSqrt'], removed: ['_Field.cmov', '_Field.invertBatch'] },
  '/curves/abstract/edwards.js': {
    throwing: ['Point.fromBytes', 'Point.fromHex'],
    removed: ['Point', 'PrimeEdwardsPoint'].flatMap((point) =>
      [...pointMethods, 'x', 'y', 'subtract', 'toHex', 'toString'].map((name) => `${point}.${name}`),
    ),
  },
  '/curves/ed25519.js': {
    removed: ['_RistrettoPoint.fromHex', '_RistrettoPoint.fromAffine'],
    throwing: ['ristretto255_hasher.hashToCurve', 'ristretto255_hasher.hashToScalar'],
  },
});

await build({
  input: path('../src/worker/vault-worker.ts'),
  platform: 'browser',
  tsconfig: path('../tsconfig.build.json'),
  plugins: [hashWasm, withoutSha512, unused],
  resolve: { conditionNames: ['zkp-auth-vault', 'browser', 'import', 'module', 'default'] },
  output: {
    file: path('../dist/worker/vault-worker.js'),
    format: 'esm',
    minify: true,
    postBanner: () => `const wasmDigits="${digitsOf(wasm)}";`,
    codeSplitting: false,
    comments: { annotation: false },
  },
  logLevel: 'warn',
});
