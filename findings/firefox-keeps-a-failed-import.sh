#!/bin/sh
# Subject: a dynamic `import()` that failed because its file could not be fetched, and is tried again.
# Versions: Debian 12, firefox-esr 153.7.0esr and chromium 156.0.8078.108; puppeteer-core 25.16.0; Node.js 20 or newer.
#
# One expects: the second `import()` of the address asks the server again, as a second `fetch` does.
# What happens: in Chromium it does. In Firefox every later `import()` of that address fails without a request, for as long
# as the page lives, also after a `fetch` of it was answered. The same address with a fragment is another module there: it
# is fetched, and the server sees the same path.
# Source: the HTML standard kept a failed fetch in the module map, https://github.com/whatwg/html/issues/6768. It was changed
# in 2026 (https://github.com/whatwg/html/pull/10327), and this ESR is older.
#
# Prints what was seen, and exits with 1 if that has changed.
set -eu
missing=
command -v chromium >/dev/null || missing="$missing chromium"
command -v firefox-esr >/dev/null || missing="$missing firefox-esr"
if [ -n "$missing" ]; then
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $missing >/dev/null
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts puppeteer-core@25.16.0 >/dev/null
cat >seen.mjs <<'END'
import { createServer } from 'node:http';
import puppeteer from 'puppeteer-core';

let asked = 0;
const server = createServer((req, res) => {
  if (req.url !== '/part.js') return res.setHeader('Content-Type', 'text/html').end('<!doctype html><title>page</title>');
  // An outage: the first answer is a failure.
  if (++asked === 1) return res.writeHead(503).end();
  res.setHeader('Content-Type', 'text/javascript').end('export const part = 1;');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browsers = {
  firefox: { browser: 'firefox', executablePath: '/usr/bin/firefox-esr' },
  chromium: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] },
};
for (const [name, options] of Object.entries(browsers)) {
  asked = 0;
  const browser = await puppeteer.launch({ headless: true, ...options });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const act = async (what, run) => {
    const outcome = await page.evaluate(run).catch(() => 'failed');
    console.log(`${name}: ${what}: ${outcome}; requests so far: ${asked}`);
  };
  await act('import', () => import('/part.js').then(() => 'imported', () => 'failed'));
  await act('fetch', () => fetch('/part.js').then(({ status }) => status));
  await act('import again', () => import('/part.js').then(() => 'imported', () => 'failed'));
  await act('import with a fragment', () => import('/part.js#1').then(() => 'imported', () => 'failed'));
  await browser.close();
}
server.closeAllConnections();
server.close();
END
seen=$(node seen.mjs)
echo "$seen"
test "$seen" = 'firefox: import: failed; requests so far: 1
firefox: fetch: 200; requests so far: 2
firefox: import again: failed; requests so far: 2
firefox: import with a fragment: imported; requests so far: 3
chromium: import: failed; requests so far: 1
chromium: fetch: 200; requests so far: 2
chromium: import again: imported; requests so far: 3
chromium: import with a fragment: imported; requests so far: 4'
