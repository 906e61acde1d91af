import { ZkpAuthError } from '@zkp-auth/core';

/**
 * The file that a function imports, if it gives the module as it is. A bundler that puts its own loader there, or
 * takes the part out of a larger file, does not match.
 */
const importedFile = /\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)(?!\s*\.)/;

const notFetched =
  'A part of the client could not be fetched. If that goes on, reload the page: there may be a newer release.';

/**
 * Make the function that loads a part of the client: a file of its own, fetched once. After a failure the next call
 * tries again.
 *
 * Some browsers keep a failed `import()` for as long as the page lives (whatwg/html issue 6768), so the next call
 * imports the same file under an address that the browser does not know yet; see {@link freshAddress}.
 *
 * @param load imports the part: `() => import('./part.js')`, so that bundlers see it.
 * @returns a function that rejects with `NETWORK_ERROR` if the part cannot be fetched, or is not what it was.
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
 * The address of the part's file, to be made unknown by a number at its end.
 *
 * Firefox names the address in the error. A fragment is enough there: another module for the browser, the same file for
 * servers and caches. WebKit keeps the failure of a `modulepreload` (WebKit bug 270357), which Vite puts before the
 * import; there it takes a query. Everywhere else the same import tries again.
 *
 * @returns `undefined` unless the address is that of the file, beside the file that this code came from. And if the page
 * declares the integrity of modules, which is by their addresses: another address would evade that check.
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
