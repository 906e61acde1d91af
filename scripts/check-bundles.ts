// The budgets of the files that a browser downloads, and the modules that must not be in them.
import { bundleClient } from './bundle-client.ts';

const kB = 1000;
const { first, worker, lazy, signInGzipBytes } = await bundleClient();
const problems: string[] = [];
const require = (ok: boolean, problem: string): void => {
  if (!ok) problems.push(problem);
};

require(first.gzipBytes <= 4 * kB, `the first chunk is ${first.gzipBytes} bytes gzip, over 4 kB`);
require(signInGzipBytes <=
  45 * kB, `all that a first sign-in downloads is ${signInGzipBytes} bytes gzip, over 45 kB`);
// Only a bundler that leaves the import as it is lets `load-part.ts` find the file.
for (const part of ['on-demand', 'management-part']) {
  const itsImport = new RegExp(`import\\(\\W\\./${part}-[\\w-]+\\.js\\W\\)(?!\\s*\\.)`);
  require(itsImport.test(first.code), `the import of ${part} names more than its file`);
}

// The page has neither the vault's modules nor its libraries.
const vaultOnly =
  /hash-wasm|noble\/curves|noble-curves|\/vault\/(?:seal-slot|open-slot|open-key|blind-pin|passkey-wrapping-key|derive-key|vault-key-storage|indexeddb|memory)|\/worker\/(?:serve-vault|inline-vault-host)|\/storage\/(?:indexeddb|memory|key-book|stored-keys)|core\/dist\/(?:curve|edwards25519|hedged-nonce|compute-proof|generate-key-pair|verify\/)/;
for (const module of first.modules) require(!vaultOnly.test(module), `the first chunk holds ${module}`);
// No file has anything of a server.
for (const [name, code] of [
  ['first chunk', first.code],
  ['worker', worker.code],
] as const) {
  require(!/\bnode:|from\s*["']express|require\(["'](?:express|crypto)/.test(
    code,
  ), `the ${name} holds something of Node.js`);
}
require(!/^\s*import\s|\bimport\s*\(/m.test(worker.code), 'the worker is not self-contained');
// A round constant of SHA-256 and SHA-512, which the worker has from Web Crypto.
require(!/0x428a2f98|1116352408/i.test(worker.code), 'the worker holds a SHA-2 of its own');
require(worker.code.includes('AES-GCM') &&
  !first.code.includes('AES-GCM'), 'the vault is not in the worker alone');
const onDemand =
  /^assets\/(on-demand|management-part|new-pins|passkey-prompts|explain-start|measure-passphrase|words-\d|english)-/;
for (const { fileName, bytes, gzipBytes, imports } of lazy) {
  // After a failure a part is fetched from another address. Another part would import it from the old one, which some
  // browsers never fetch again.
  require(imports.length === 0, `${fileName} imports ${imports.join(', ')}`);
  // webpack warns of a file over 244 KiB, Vite of one over 500 kB.
  require(bytes <= 244 * 1024, `${fileName} is ${bytes} bytes, of which webpack warns`);
  if (fileName.startsWith('assets/new-pins-'))
    require(gzipBytes <= 6 * kB, `${fileName} is ${gzipBytes} bytes gzip, over 6 kB`);
}
const strangers = lazy.filter(({ fileName }) => !onDemand.test(fileName)).map(({ fileName }) => fileName);
require(strangers.length === 0, `there are chunks that nobody accounted for: ${strangers.join(', ')}`);

console.log(
  `first chunk ${(first.gzipBytes / kB).toFixed(1)} kB, worker ${(worker.gzipBytes / kB).toFixed(1)} kB gzip`,
);
console.log(`a first sign-in ${(signInGzipBytes / kB).toFixed(1)} kB gzip in all`);
for (const { fileName, gzipBytes } of lazy)
  console.log(`on demand: ${fileName} ${(gzipBytes / kB).toFixed(1)} kB gzip`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
