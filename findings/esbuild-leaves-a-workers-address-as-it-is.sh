#!/bin/sh
# Subject: `new Worker(new URL('./worker.js', import.meta.url))`, the form that finds a package's worker in a bundle.
# Versions: esbuild 0.28.2, webpack 5.113.0, vite 8.3.8 (Rolldown); Node.js 20.19 or newer.
#
# One expects: a bundler that bundles the module copies the worker's file too, or warns that it does not.
# What happens: webpack and Vite write a file for the worker and rewrite the address. esbuild writes the bundle alone,
# leaves the text as it is, and gives no warning or error. The page finds out when the worker's request is answered by 404.
# Source: https://webpack.js.org/guides/web-workers/ and https://vite.dev/guide/features.html#web-workers document the
# form; https://esbuild.github.io/content-types/ does not mention it.
#
# Prints what was seen, and exits with 1 if that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund esbuild@0.28.2 webpack@5.113.0 vite@8.3.8 >/dev/null
mkdir -p node_modules/with-worker
echo '{ "name": "with-worker", "version": "1.0.0", "type": "module", "exports": "./index.js" }' >node_modules/with-worker/package.json
echo "export const start = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });" >node_modules/with-worker/index.js
# Long enough for no bundler to put it inline.
node -e "console.log('postMessage(' + JSON.stringify('x'.repeat(10_000)) + ');')" >node_modules/with-worker/worker.js
echo "import { start } from 'with-worker'; start();" >entry.js

cat >seen.mjs <<'END'
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';

const report = (name, folder, warnings) => {
  const files = readdirSync(folder, { recursive: true }).filter((file) => /\.m?js$/.test(String(file)));
  const text = files.map((file) => readFileSync(join(folder, String(file)), 'utf8'));
  const kept = text.some((each) => /new URL\(["']\.\/worker\.js["']/.test(each));
  console.log(`${name}: ${files.length} file(s), ${warnings} warning(s), address ${kept ? 'left as it is' : 'rewritten'}`);
};

const built = await esbuild.build({ entryPoints: ['entry.js'], bundle: true, format: 'esm', outdir: 'esbuild', logLevel: 'silent' });
report('esbuild', 'esbuild', built.warnings.length + built.errors.length);
const stats = await new Promise((resolve, reject) =>
  webpack({ mode: 'production', entry: './entry.js', output: { path: join(process.cwd(), 'webpack') } }, (error, result) =>
    error ? reject(error) : resolve(result),
  ),
);
report('webpack', 'webpack', stats.compilation.warnings.length + stats.compilation.errors.length);
await vite.build({ logLevel: 'silent', build: { outDir: 'vite', rolldownOptions: { input: 'entry.js' } } });
report('vite', 'vite', 0);
END
seen=$(node seen.mjs)
echo "$seen"
test "$seen" = 'esbuild: 1 file(s), 0 warning(s), address left as it is
webpack: 2 file(s), 0 warning(s), address rewritten
vite: 2 file(s), 0 warning(s), address rewritten'
