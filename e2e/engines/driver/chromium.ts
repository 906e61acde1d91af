import { startProcess } from './child-process.ts';
import type { EngineBrowser, OpenOptions } from './engine-browser.ts';
import { connectPuppeteer } from './puppeteer-browser.ts';

/** Chromium on a profile folder, driven by its DevTools protocol. */
export async function openChromium({ profile, downloads, pageScript }: OpenOptions): Promise<EngineBrowser> {
  const started = await startProcess(
    process.env['CHROMIUM_PATH'] ?? 'chromium',
    [
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      '--lang=en-GB',
      'about:blank',
    ],
    { ready: /DevTools listening on (ws:\/\/\S+)/ },
  );
  return connectPuppeteer({ started, endpoint: started.said, protocol: 'cdp', downloads, pageScript });
}
