#!/bin/sh
# Subject: @zxcvbn-ts/core 4.2.0 with @zxcvbn-ts/language-common 4.1.3 and @zxcvbn-ts/language-en 4.1.1, a meter of
# password strength.
# Expected: a passphrase is about as weak with a hyphen or space between its words or letters as without, because a
# guesser joins words by the few usual separators. `abcdefghij` is a row; `a-b-c-d-e-f-g-h-i-j` is the same row.
# Seen: every separator counts as a character drawn at random, and hides the row from the meter. The row goes from some
# 10^2 guesses to 10^19, and four words gain seven powers of ten.
# Source: https://github.com/zxcvbn-ts/zxcvbn (the matchers see one text; brute force fills the gaps with 10
# guesses a character).
# Exit: 0 if this is what happens, 1 if it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline \
  @zxcvbn-ts/core@4.2.0 @zxcvbn-ts/language-common@4.1.3 @zxcvbn-ts/language-en@4.1.1
cat >measure.mjs <<'SCRIPT'
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';

const meter = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
});
const pairs = [
  ['abcdefghij', 'a-b-c-d-e-f-g-h-i-j'],
  ['1234567890', '1-2-3-4-5-6-7-8-9-0'],
  ['correcthorsebatterystaple', 'correct-horse-battery-staple'],
];
let asSeen = true;
for (const texts of pairs) {
  const [plain, separated] = texts.map((text) => meter.check(text).guessesLog10);
  texts.forEach((text, i) => console.log(`${text}: 10^${[plain, separated][i].toFixed(1)} guesses`));
  asSeen &&= separated - plain > 5;
}
console.log(asSeen ? 'As described: separators are counted as if they had been drawn.' : 'This has changed.');
process.exitCode = asSeen ? 0 : 1;
SCRIPT
node measure.mjs
