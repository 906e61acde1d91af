// The files of the client that a browser downloads, if Vite builds an application that imports ZkpAuthClient.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { root } from './run.ts';

export interface ClientBundle {
  /** The first chunk, with all static imports. */
  first: { gzipBytes: number; modules: string[]; code: string };
  /** The vault worker's file. */
  worker: { gzipBytes: number; code: string };
  /** Chunks that are loaded on demand. */
  lazy: { fileName: string; bytes: number; gzipBytes: number; imports: string[] }[];
  /**
   * All that a first sign-in downloads: the first chunk, the chunk on demand with its static imports, and the worker.
   * `packages/client/src/load-management.test.ts` fails if a registration or a login loads the second part. The rules for
   * a new PIN, which a registration loads, have a budget of their own (`packages/client/src/pins/load-new-pins.test.ts`).
   */
  signInGzipBytes: number;
}

/** Bundle it in a folder of its own, and measure the result. */
export async function bundleClient(): Promise<ClientBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-bundle-'));
  try {
    const entry = join(folder, 'entry.js');
    writeFileSync(
      entry,
      `import { ZkpAuthClient } from '@zkp-auth/client';\nglobalThis.client = new ZkpAuthClient({ baseUrl: '/auth' });\n`,
    );
    const result = (await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { '@zkp-auth/client': `${root}packages/client/dist/index.js` } },
      build: {
        write: false,
        assetsInlineLimit: 0,
        modulePreload: false,
        target: 'es2023',
        rolldownOptions: { input: entry },
      },
    })) as Rolldown.RolldownOutput;
    return read(result.output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(output: Rolldown.RolldownOutput['output']): ClientBundle {
  const chunks = output.filter((file) => file.type === 'chunk');
  const entry = chunks.find((chunk) => chunk.isEntry);
  const worker = output.find((file) => file.fileName.includes('vault-worker'));
  if (entry === undefined || worker === undefined) throw new Error('the bundle has no entry or no worker');
  const statics = withImports(chunks, entry.fileName);
  const first = chunks.filter((chunk) => statics.has(chunk.fileName));
  const code = first.map((chunk) => chunk.code).join('\n');
  const workerCode = worker.type === 'chunk' ? worker.code : String(worker.source);
  const lazy = chunks
    .filter((chunk) => !statics.has(chunk.fileName))
    .map(({ fileName, code: text, imports }) => ({
      fileName,
      imports: imports.filter((name) => !statics.has(name)),
      bytes: Buffer.byteLength(text),
      gzipBytes: gzipSync(text).length,
    }));
  const onDemand = lazy.find(({ fileName }) => fileName.startsWith('assets/on-demand-'));
  if (onDemand === undefined) throw new Error('the bundle has no chunk on demand');
  const later = withImports(chunks, onDemand.fileName);
  const onDemandGzipBytes = lazy
    .filter(({ fileName }) => later.has(fileName))
    .reduce((sum, chunk) => sum + chunk.gzipBytes, 0);
  const gzipBytes = { first: gzipSync(code).length, worker: gzipSync(workerCode).length };
  return {
    first: { gzipBytes: gzipBytes.first, modules: first.flatMap((chunk) => chunk.moduleIds), code },
    worker: { gzipBytes: gzipBytes.worker, code: workerCode },
    lazy,
    signInGzipBytes: gzipBytes.first + gzipBytes.worker + onDemandGzipBytes,
  };
}

/** A chunk, and all chunks that it imports statically. */
function withImports(chunks: readonly Rolldown.OutputChunk[], from: string): Set<string> {
  const names = new Set([from]);
  for (const name of names) {
    for (const imported of chunks.find(({ fileName }) => fileName === name)?.imports ?? [])
      names.add(imported);
  }
  return names;
}
