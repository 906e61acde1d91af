import { ZkpAuthError } from '@zkp-auth/core';

/**
 * The file that a function imports, if the function gives the module unchanged. It does not match if a bundler inserts
 * its own loader there, or takes the part out of a larger file.
 */
const importedFile = /\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)(?!\s*\.)/;

const notFetched =
  'A part of the client could not be fetched. If that goes on, reload the page: there may be a newer release.';

/**
 * Make the function that loads a part of the client. The part is a file of its own, and is fetched once. After a
 * failure the next call tries again.
 *
 * Some browsers keep a failed `import()` for as long as the page lives (whatwg/html issue 6768). So the next call
 * imports the same file under an address that the browser does not know yet; see {@link freshAddress}.
 *
 * @param load imports the part, such as `() => import('./part.js')`, so that bundlers see it.
 * @returns a function that rejects with `NETWORK_ERROR` if the part cannot be fetched, or has changed.
 */
export function loadPart<T extends object>(
  load: () => Promise<T>,
  importFrom: (address: string) => Promise<unknown> = (address) =>
    import(/* @vite-ignore */ /* webpackIgnore: true */ address),
): () => Promise<T> {
  let loading: Promise<T> | undefined;
  let address: string | undefined;
  let failures = 0;

  const attempt = async (): Promise<T> => {
    let cause: unknown;
    try {
      const part = await (address === undefined ? load() : importFrom(address + failures));
      // Vite gives `undefined` if the application has prevented its `vite:preloadError`.
      if (part !== undefined) return part as T;
    } catch (error) {
      cause = error;
    }
    failures += 1;
    const file = importedFile.exec(String(load))?.[1];
    if (file !== undefined) address ??= freshAddress(cause, file);
    throw new ZkpAuthError('NETWORK_ERROR', notFetched, { cause, outcome: 'nothing' });
  };

  return () =>
    (loading ??= attempt().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}

/**
 * The address of the part's file, to which a number at its end gives a form that the browser does not know.
 *
 * Firefox names the address in the error. A fragment is enough there, because the browser then sees another module, and
 * servers and caches see the same file. WebKit keeps the failure of a `modulepreload` (WebKit bug 270357), which Vite
 * inserts before the import. There the address takes a query. In all other browsers the same import tries again.
 *
 * @returns `undefined` unless the address belongs to the file, and the file is beside the file of this code. Also
 * `undefined` if the page declares the integrity of its modules. That check works by address, and another address would
 * evade it.
 */
function freshAddress(error: unknown, file: string): string | undefined {
  const script = /[\w+.-]+:\/\/[^\s()]+?(?=:\d+:\d+)/.exec(new Error().stack ?? '')?.[0];
  if (script === undefined || !URL.canParse(file, script)) return undefined;
  const { origin, pathname } = new URL(file, script);
  const { document } = globalThis as { document?: Document };
  const elements = [
    ...(document?.querySelectorAll<HTMLElement & { href?: string; integrity?: string }>(
      'link[rel=modulepreload],script[type=importmap]',
    ) ?? []),
  ];
  if (
    elements.some(({ textContent, integrity }) => Boolean(integrity) || textContent.includes('"integrity"'))
  ) {
    return undefined;
  }
  const addresses = elements.map(({ href = '' }) => `${href}${href.includes('?') ? '&' : '?'}again=`);
  return [`${String(error).split(' ').pop()}#`, ...addresses].find((address) => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    return url?.origin === origin && url.pathname === pathname;
  });
}
