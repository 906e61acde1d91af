import { bundleClient } from '../scripts/bundle-client.ts';
import type { Ratio } from './ratio.ts';

/** The sizes of the files that a browser downloads, in kilobytes of gzip. */
export async function benchSizes(): Promise<Ratio[]> {
  const { first, signInGzipBytes } = await bundleClient();
  const kilobytes = (bytes: number): number => bytes / 1000;
  return [
    { name: 'client first chunk, kB gzip', value: kilobytes(first.gzipBytes), atMost: 4 },
    { name: 'all of a first sign-in, kB gzip', value: kilobytes(signInGzipBytes), atMost: 45 },
  ];
}
