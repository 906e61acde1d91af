import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePageScript } from './bundle-page-script.ts';
import { openChromium } from './chromium.ts';
import type { EngineBrowser, OpenOptions } from './engine-browser.ts';
import { openFirefox } from './firefox.ts';
import { openWebKit } from './webkit.ts';

const openers = {
  chromium: openChromium,
  firefox: openFirefox,
  webkit: openWebKit,
} as const satisfies Record<string, (options: OpenOptions) => Promise<EngineBrowser>>;

export type EngineName = keyof typeof openers;

/** The engine of this run, from the variable ENGINE. */
export const engine: EngineName = readEngine();

function readEngine(): EngineName {
  const name = process.env['ENGINE'] ?? 'chromium';
  if (!Object.hasOwn(openers, name)) throw new Error(`ENGINE is one of ${Object.keys(openers).join(', ')}`);
  return name as EngineName;
}

/** Open the engine of this run on a folder. The folder holds the profile and the files that pages save. */
export async function openBrowser(folder: string): Promise<EngineBrowser> {
  const downloads = downloadsIn(folder);
  mkdirSync(downloads, { recursive: true });
  return openers[engine]({
    profile: join(folder, 'profile'),
    downloads,
    pageScript: await bundlePageScript(),
  });
}

export function downloadsIn(folder: string): string {
  return join(folder, 'downloads');
}
