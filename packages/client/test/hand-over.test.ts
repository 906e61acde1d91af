import { expect, it } from 'vitest';
import { handOver, namesFrom } from '../scripts/hand-over.ts';

const names = { functionName: 'partFrom', argument: 'first' };

/** Run the function that a module became, with the modules that are handed over. */
async function partOf(code: string, first: object): Promise<Record<string, unknown>> {
  const text = handOver(code, names);
  const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
    partFrom: (first: object) => Record<string, unknown>;
  };
  return module.partFrom(first);
}

it('a module takes its imports from the argument, and returns its exports', async () => {
  const code = `
    import { add, half as halved } from 'handed-over:/a.js';
    import { text } from "handed-over:package";
    const sum = add(1, 2);
    function own() { return halved(sum) + text; }
    export { own as run, sum };`;
  expect(namesFrom(handOver(code, names))).toEqual([]);
  const part = await partOf(code, {
    add: (a: number, b: number) => a + b,
    half: (n: number) => n / 2,
    text: '!',
  });
  expect(part['sum']).toBe(3);
  expect((part['run'] as () => string)()).toBe('1.5!');
});

it('an import of a module that nobody hands over stays an import', () => {
  const text = handOver(`import { a } from 'package';\nexport { a };`, names);
  expect(namesFrom(text)).toEqual([{ source: 'package', names: ['a'] }]);
});

it.each([
  `export default 1;`,
  `export const a = 1;`,
  `export * from 'handed-over:/a.js';`,
  `export { a } from 'handed-over:/a.js';`,
  `import * as a from 'handed-over:/a.js'; export { a };`,
  `import a from 'handed-over:/a.js'; export { a };`,
  `await 1;`,
])('a module that cannot be a function is refused: %s', (code) => {
  expect(() => handOver(code, names)).toThrow();
});
