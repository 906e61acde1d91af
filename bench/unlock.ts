import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build, preview } from 'vite';
import { median, type Ratio } from './ratio.ts';

const pairs = 21;

/** Compare unlocking in a started worker with a bare hash-wasm call in the same worker, in Chromium. */
export async function benchUnlock(): Promise<Ratio[]> {
  const root = fileURLToPath(new URL('unlock', import.meta.url));
  const options = { root, configFile: false, logLevel: 'error' } as const;
  await build({ ...options, build: { outDir: 'dist', emptyOutDir: true }, worker: { format: 'es' } });
  const server = await preview({ ...options, preview: { port: 0, host: '127.0.0.1' } });
  const browser = await chromium.launch({
    ...(process.env['CHROMIUM_PATH'] === undefined ? {} : { executablePath: process.env['CHROMIUM_PATH'] }),
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls?.local[0] ?? '');
    await page.waitForFunction(() => 'measureUnlock' in globalThis);
    const times = await page.evaluate((count) => measureUnlock(count), pairs);
    const assisted = await page.evaluate((count) => measurePinAssistance(count), pairs);
    const ms = (values: number[]): string => `${median(values).toFixed(0)} ms`;
    return [
      {
        name: 'unlock in a started worker / bare hash-wasm in the same worker',
        value: median(times.map(({ unlock, bare }) => unlock / bare)),
        atMost: 1.15,
        note: `${ms(times.map(({ unlock }) => unlock))} against ${ms(times.map(({ bare }) => bare))}`,
      },
      {
        name: 'blinding and finalizing a PIN / Argon2id in the same worker',
        value: median(assisted.map(({ assistance, bare }) => assistance / bare)),
        atMost: 0.1,
        note: `${ms(assisted.map(({ assistance }) => assistance))} against ${ms(assisted.map(({ bare }) => bare))}`,
      },
    ];
  } finally {
    await browser.close();
    await server.close();
  }
}
