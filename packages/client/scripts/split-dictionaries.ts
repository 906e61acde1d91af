// Write the word lists of the passphrase measure in pieces. The pieces replace the file that imports the lists whole.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import compress from '@zxcvbn-ts/dictionary-compression/compress';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';

/** webpack warns of a file over 244 KiB. A few characters take more than one byte. */
const pieceCharacters = 230_000;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const folder = path('../dist/passphrases/words');

const lists: Record<string, (string | number)[]> = { ...common.dictionary, ...english.dictionary };
const text = Object.values(lists).map(compressed).join('\n');
const pieces = Array.from({ length: Math.ceil(text.length / pieceCharacters) }, (_, i) =>
  text.slice(i * pieceCharacters, (i + 1) * pieceCharacters),
);
if (!pieces.every((piece) => piece.isWellFormed())) throw new Error('a character has been cut in two');

await rm(folder, { recursive: true, force: true });
await mkdir(folder);
/** The lists are the work of others, so their licenses are copied with them. */
const notices = [
  'language-common/LICENSE.txt',
  'language-en/NOTICE.md',
  'language-en/THIRD_PARTY_LICENSES.md',
];
for (const notice of notices) {
  const [name, file] = notice.split('/') as [string, string];
  const from = import.meta.resolve(`@zxcvbn-ts/${name}`).replace(/dist\/[^/]*$/, file);
  await copyFile(fileURLToPath(from), `${folder}/${file}`);
}
for (const [i, piece] of pieces.entries()) {
  await writeFile(`${folder}/words-${i + 1}.js`, `export const words = ${JSON.stringify(piece)};\n`);
}
await writeFile(
  path('../dist/passphrases/dictionaries.js'),
  `import decompress from '@zxcvbn-ts/dictionary-compression/decompress';
import { loadPart } from '../load-part.js';

const names = ${JSON.stringify(Object.keys(lists))};
const graphs = ${JSON.stringify(common.adjacencyGraphs)};
const translations = ${JSON.stringify(english.translations)};
const pieces = [
${pieces.map((_, i) => `  /* @__PURE__ */ loadPart(() => import('./words/words-${i + 1}.js')),`).join('\n')}
];

export async function loadDictionaries() {
  const loaded = await Promise.all(pieces.map((load) => load()));
  const lists = loaded.map(({ words }) => words).join('').split('\\n').map(decompress);
  return { dictionary: Object.fromEntries(names.map((name, i) => [name, lists[i]])), graphs, translations };
}
`,
);

function compressed(list: (string | number)[]): string {
  const written = compress(list.map(String));
  if (typeof written !== 'string' || written.includes('\n')) throw new Error('a list cannot be compressed');
  return written;
}
