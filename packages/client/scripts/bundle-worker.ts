// Bundle the vault worker into one self-contained file, because the bundlers of applications copy it unchanged.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';
import { leaveOut, withoutSentences } from './leave-out.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/**
 * hash-wasm from its published sources, because its bundle is compiled for browsers without `async`. Only the bundle has
 * the WebAssembly that the sources name. The BLAKE2b is noble's, and the worker runs the WebAssembly itself.
 */
const hashWasm: Plugin = {
  name: 'hash-wasm',
  resolveId: (source, importer) => {
    if (source === 'hash-wasm') return path('../node_modules/hash-wasm/lib/argon2.ts');
    if (importer === blake2bId) return fileURLToPath(import.meta.resolve(source));
    if (importer?.includes('/hash-wasm/lib/') !== true) return undefined;
    if (source === './blake2b') return blake2bId;
    if (source === './WASMInterface') return interfaceId;
    return source === '../wasm/argon2.wasm.json' ? wasmId : undefined;
  },
  load: (id) => replaced.get(id),
};
const [blake2bId, interfaceId, wasmId] = ['\0blake2b.js', '\0wasm-interface.js', '\0argon2-wasm.js'];

/**
 * The WebAssembly of Argon2id, as the hexadecimal digits of its bytes. All high digits come first, then all low digits.
 * Base64 hides the repetitions of WebAssembly from gzip. The digits take a third less, as if gzip had the bytes
 * themselves.
 */
function digitsOfWasm(): string {
  const bundle = readFileSync(path('../node_modules/hash-wasm/dist/index.esm.js'), 'utf8');
  const base64 = /var name\S* = "argon2";\s*var data\S* = "([A-Za-z0-9+/]+=*)"/.exec(bundle)?.[1];
  if (base64 === undefined) throw new Error('hash-wasm has its WebAssembly in another form now');
  const hex = Buffer.from(base64, 'base64').toString('hex');
  return hex.replace(/(.)./g, '$1') + hex.replace(/.(.)/g, '$1');
}

/**
 * Runs the WebAssembly. hash-wasm's own interface runs that of each of its hashes, in parts and with states that are
 * saved. The digits are used twice, because a minifier moves a string that is used once to its place, in the middle of
 * the code, and gzip finds less alike then.
 */
const wasmInterface = `
import { getDigestHex } from '${path('../node_modules/hash-wasm/lib/util.ts')}';
let compiled;
function compile() {
  const half = wasmDigits.length / 2;
  const byteAt = (_, i) => parseInt(wasmDigits[i] + wasmDigits[half + i], 16);
  return WebAssembly.compile(Uint8Array.from({ length: half }, byteAt));
}
export async function WASMInterface(_, hashLength) {
  compiled ??= compile();
  const { exports } = await WebAssembly.instantiate(await compiled, {});
  // The buffer begins behind the memory that there is at the first of these calls.
  const start = exports.Hash_GetBuffer();
  let memory;
  return {
    setMemorySize(size) {
      exports.Hash_SetMemorySize(size);
      memory = new Uint8Array(exports.memory.buffer, start, size);
    },
    writeMemory(data, offset) {
      memory.set(data, offset);
    },
    calculate({ length }, blocks) {
      exports.Hash_Calculate(length, blocks, null);
      return getDigestHex(new Uint8Array(hashLength * 2), memory, hashLength);
    },
  };
}
`;

/**
 * BLAKE2b of noble in the place of hash-wasm's own, which is a second WebAssembly module and larger. Argon2id hashes with
 * it a few kilobytes around its real work. noble wipes its state when it gives the digest.
 */
const blake2b = `
import { blake2b } from '@noble/hashes/blake2.js';
export async function createBLAKE2b(bits) {
  let hash;
  const hasher = {
    init: () => {
      hash = blake2b.create({ dkLen: bits / 8 });
      return hasher;
    },
    update: (data) => {
      hash.update(data);
      return hasher;
    },
    digest: () => hash.digest(),
  };
  return hasher.init();
}
`;

const replaced = new Map([
  [blake2bId, blake2b],
  [interfaceId, wasmInterface],
  [wasmId, 'export default {};'],
]);

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
  // Its checks of cost and salt are those that the vault makes of every record before.
  '/hash-wasm/lib/argon2.ts': { throwing: ['encodeResult'], emptied: ['validateOptions'] },
  '/hashes/blake2.js': { removed: ['_BLAKE2._cloneInto', '_BLAKE2.clone'] },
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
  plugins: [hashWasm, withoutSha512, unused, withoutSentences(/\/@noble\/|\/hash-wasm\//)],
  resolve: { conditionNames: ['zkp-auth-vault', 'browser', 'import', 'module', 'default'] },
  output: {
    file: path('../dist/worker/vault-worker.js'),
    format: 'esm',
    minify: true,
    postBanner: () => `const wasmDigits="${digitsOfWasm()}";`,
    codeSplitting: false,
    comments: { annotation: false },
  },
  logLevel: 'warn',
});
