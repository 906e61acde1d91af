import ts from 'typescript-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { findByteEquality } from './byte-equality.ts';

const head = `
declare const a: Uint8Array, b: Uint8Array, buffer: Buffer, maybe: Uint8Array | null, text: string, n: number, data: ArrayBuffer;
declare function encodeBase64url(bytes: Uint8Array): string;
declare function credentialIdOf(bytes: Uint8Array): string;
declare function read(): Promise<Uint8Array>;
`;

const forbidden = [
  'a === b',
  'a != b',
  'a[0] === 1',
  '1 == a[n]',
  'a.at(-1) !== 3',
  'maybe === a',
  'buffer === a',
  'data === data',
  '(a[0] as number) === 1',
  'a[0]! === 1',
  '(a[0] ^ b[0]) === 0',
  '-a[0] === n',
  'encodeBase64url(a) === text',
  'text === credentialIdOf(a)',
  'buffer.toString("hex") === text',
  'buffer.toString("hex").toLowerCase() === text',
  'new TextDecoder().decode(a) === text',
  '`${encodeBase64url(a)}!` === text',
  'Object.is(encodeBase64url(a), text)',
  '(n > 1 ? encodeBase64url(a) : text) === text',
  'String.fromCharCode(...a) === text ? 0 : btoa(a.join()) === text',
  'const id = encodeBase64url(a); id === text;',
  'const first = a[0]; first === 1;',
  'const [first] = a; first === 1;',
  'for (const byte of a) { byte === 0; }',
  'let id = credentialIdOf(a); const copy = id; copy !== text;',
  'async function f() { (await read()) === a; }',
  'switch (a[0]) { case 1: }',
  'switch (encodeBase64url(a)) { case text: }',
];

const allowed = [
  'a.length === b.length',
  'a.byteLength !== 3',
  'maybe === null',
  'undefined !== maybe',
  'text === "x"',
  'typeof a === "object"',
  'n === a.length + 1',
  'a[0] < 3',
  'const { length } = a; length === 3;',
  'text.toString() === text',
  '[1, 2].at(0) === 1',
];

/**
 * The findings in each piece of code. All pieces are files of one program, because making a program takes a second.
 */
function findingsIn(codes: readonly string[]): Map<string, string[]> {
  const files = new Map(codes.map((code, n) => [`/virtual-${n}.ts`, code]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.getSourceFile = (file, version) => {
    const code = files.get(file);
    return code === undefined
      ? getSourceFile.call(host, file, version)
      : ts.createSourceFile(file, `${head}${code};\nexport {};`, version, true);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const findings = new Map(codes.map((code) => [code, [] as string[]]));
  for (const { file, text } of findByteEquality(program, () => false)) {
    findings.get(files.get(file)!)!.push(text);
  }
  return findings;
}

let findings: Map<string, string[]>;
beforeAll(() => {
  findings = findingsIn([...forbidden, ...allowed]);
}, 60_000);

describe('forbidden', () => {
  it.each(forbidden)('%s', (code) => {
    expect(findings.get(code)).not.toEqual([]);
  });
});

describe('allowed', () => {
  it.each(allowed)('%s', (code) => {
    expect(findings.get(code)).toEqual([]);
  });
});
