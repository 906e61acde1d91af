import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadPart } from './load-part.js';

const address = 'https://app.example/assets/part-B4x.js';
const vite = 'import(`./part-B4x.js`)';
const part = { run: () => 'done' };

const firefox = (at: string): Error =>
  Object.assign(new TypeError(`error loading dynamically imported module: ${at}`), { stack: '' });
const webkit = (): Error => Object.assign(new TypeError('Importing a module script failed.'), { stack: '' });

/** A page with a browser that keeps its loads by address. */
function browser(
  keeps: 'failures' | 'preloads' | 'nothing',
  { source = vite, failed = address }: { source?: string; failed?: string } = {},
) {
  const asked: string[] = [];
  const kept = new Map<string, Error>();
  const state: { error: Error | undefined } = {
    error: keeps === 'failures' ? firefox(failed) : webkit(),
  };
  const importFrom = async (at: string): Promise<typeof part> => {
    const known = kept.get(keeps === 'failures' ? at : (at.split('#')[0] as string));
    if (known !== undefined) throw known;
    asked.push(at);
    const { error } = state;
    if (error === undefined) return part;
    if (keeps === 'failures' || keeps === 'preloads') kept.set(at, error);
    throw error;
  };
  const load = Object.assign(() => importFrom(address), { toString: () => `()=>${source}` });
  return { asked, state, call: loadPart(load, importFrom) };
}

const inDocument = (...elements: object[]): void => {
  const all = elements.map((element) => ({ textContent: '', ...element }));
  vi.stubGlobal('document', { querySelectorAll: () => all });
};

const refused = { code: 'NETWORK_ERROR' };

// The stack looks as in a bundle, with this code in a file of the application's origin.
const { prepareStackTrace } = Error;
beforeEach(() => {
  Error.prepareStackTrace = () => 'attempt@https://app.example/assets/index-A1.js:1:64';
});
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
  vi.unstubAllGlobals();
});

describe('a part of the client that could not be fetched', () => {
  it.each([
    vite,
    'J(()=>import(`./part-B4x.js`),__vite__mapDeps([2,1]))',
    'import("./part-B4x.js")',
    "import( '/assets/part-B4x.js?v=1f' )",
  ])('is there at the next call in a browser that keeps failures, as bundled to %s', async (source) => {
    inDocument();
    const { asked, state, call } = browser('failures', { source });
    for (let failures = 1; failures <= 3; failures++) {
      await expect(call()).rejects.toMatchObject(refused);
      expect(asked).toHaveLength(failures);
    }
    state.error = undefined;
    expect(await call()).toBe(part);
    expect(asked).toEqual([address, `${address}#1`, `${address}#2`, `${address}#3`]);
  });

  it.each([
    [address, `${address}?again=1`],
    [`${address}?v=1f`, `${address}?v=1f&again=1`],
  ])('is there at the next call in a browser that keeps the failed preload of %s', async (href, again) => {
    inDocument({ href: 'https://app.example/assets/style.css' }, { href });
    const { asked, state, call } = browser('preloads');
    await expect(call()).rejects.toMatchObject(refused);
    state.error = undefined;
    expect(await call()).toBe(part);
    expect(asked).toEqual([address, again]);
  });

  it('is asked for under its own address in a browser that tries again by itself', async () => {
    const { asked, state, call } = browser('nothing');
    await expect(call()).rejects.toMatchObject(refused);
    await expect(call()).rejects.toMatchObject(refused);
    state.error = undefined;
    expect(await call()).toBe(part);
    expect(asked).toEqual([address, address, address]);
  });

  it.each([
    ['another origin', 'https://app.example.evil.example/assets/part-B4x.js', vite],
    ['another scheme', 'http://app.example/assets/part-B4x.js', vite],
    ['another file, which the part imports', 'https://app.example/assets/shared-C9.js', vite],
    ['a file whose name ends alike', 'https://app.example/assets/other-part-B4x.js', vite],
    ['a file of that name in another folder', 'https://app.example/uploads/part-B4x.js', vite],
    ['a package that an import map names', address, "import('@scope/package/part-B4x.js')"],
    ['a larger file that the part is taken out of', address, `${vite}.then(e=>(e.a(),e.i))`],
    ['a file that a bundler’s own loader asks for', address, 'n.e(12).then(n.bind(n,34))'],
  ])('is never taken from %s', async (_, failed, source) => {
    inDocument({ href: failed });
    const { asked, call } = browser('failures', { failed, source });
    await expect(call()).rejects.toMatchObject(refused);
    await expect(call()).rejects.toMatchObject(refused);
    expect(asked).toEqual([address]);
  });

  it.each([
    ['an import map', [{ textContent: `{"integrity":{"${address}":"sha384-x"}}` }, { href: address }]],
    ['the preload', [{ href: address, integrity: 'sha384-x' }]],
  ])('is not taken past the integrity that %s declares', async (_, elements) => {
    inDocument(...elements);
    const { asked, call } = browser('failures');
    await expect(call()).rejects.toMatchObject(refused);
    await expect(call()).rejects.toMatchObject(refused);
    expect(asked).toEqual([address]);
  });

  it('says so if the application has prevented the bundler’s own error', async () => {
    const call = loadPart(async () => undefined as unknown as typeof part);
    await expect(call()).rejects.toMatchObject(refused);
  });

  it('is asked for again if a loader threw at once', async () => {
    const load = vi.fn<() => Promise<typeof part>>(() => {
      throw new Error('no such chunk');
    });
    const call = loadPart(load);
    await expect(call()).rejects.toMatchObject(refused);
    load.mockResolvedValue(part);
    expect(await call()).toBe(part);
  });

  it('says so if a bundler’s own loader failed', async () => {
    const failure = Object.assign(new Error('Loading chunk 12 failed.'), { name: 'ChunkLoadError' });
    const load = { toString: () => '()=>n.e(12).then(n.bind(n,34))' };
    const call = loadPart(Object.assign(() => Promise.reject(failure), load));
    await expect(call()).rejects.toMatchObject({ ...refused, cause: failure });
  });
});

describe('a part of the client', () => {
  it('that is not what it was, as a page in its place, is an error of ours', async () => {
    for (const error of [new SyntaxError("Unexpected token '<'"), new TypeError('x is not a function')]) {
      const { call, state } = browser('nothing');
      state.error = error;
      await expect(call()).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('reload the page') as string,
        cause: error,
      });
    }
  });

  it('is fetched once for all calls', async () => {
    const { asked, state, call } = browser('nothing');
    state.error = undefined;
    expect(await Promise.all([call(), call()])).toEqual([part, part]);
    expect(await call()).toBe(part);
    expect(asked).toHaveLength(1);
  });
});
