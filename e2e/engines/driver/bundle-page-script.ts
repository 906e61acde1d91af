import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

let bundled: Promise<string> | undefined;

/** The script that drivers inject into each page, as one text. */
export function bundlePageScript(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<string> {
  const [output] = (await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DTL_SKIP_AUTO_CLEANUP': '"true"' },
    build: {
      write: false,
      minify: true,
      lib: {
        entry: fileURLToPath(new URL('page-script.ts', import.meta.url)),
        formats: ['iife'],
        name: 'zkpEngines',
      },
    },
  })) as Rolldown.RolldownOutput[];
  return (output as Rolldown.RolldownOutput).output[0].code;
}
