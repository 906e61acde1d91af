import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { test } from '@playwright/test';
import { preparedApps } from './prepare-apps.ts';

const runFile = promisify(execFile);
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/** The options of create-next-app, with strict. */
const options = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'es2024',
  lib: ['es2024', 'dom'],
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  types: ['node'],
};

test('the documented servers, and the application under test in Next.js, have the types that they use', async () => {
  const { folder } = preparedApps();
  const files = ['*/server.ts', 'next/app', 'next/lib', 'next-adapter/app', 'next-adapter/lib'];
  const settings = { compilerOptions: options, include: files };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await runFile(process.execPath, [compiler, '-p', folder]).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
});
