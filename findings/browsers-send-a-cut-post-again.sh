#!/bin/sh
# Subject: a POST by `fetch` whose connection the server closes before it answers, in Chromium and in Firefox.
# Versions: Debian 12, chromium 156.0.8078.108, firefox-esr 153.7.0esr; puppeteer-core 25.16.0; any Node.js as the server.
#
# One expects: a POST is sent once. The connection is lost after the whole request has arrived, so `fetch` rejects.
# What happens: `fetch` rejects, after the browser has sent the POST again by itself. Firefox sent it twice. Chromium sent
# it twice or three times. The server saw each copy whole, body included. A page cannot tell, and cannot turn it off.
# Source: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 says that a user agent should not send a request with a
# method that is not idempotent again by itself, unless it knows that the first one was not applied.
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
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts puppeteer-core@25.16.0 >/dev/null

cat >seen.mjs <<'END'
import { createServer } from 'node:http';
import puppeteer from 'puppeteer-core';

let posts = [];
const server = createServer((req, res) => {
  if (req.method === 'GET') return res.setHeader('Content-Type', 'text/html').end('<!doctype html><title>page</title>');
  let body = '';
  req.on('data', (chunk) => (body += chunk));
  req.on('end', () => {
    if (req.url === '/answered') return res.end('ok');
    posts.push(body);
    req.socket.destroy();
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${server.address().port}/`;

const browsers = {
  firefox: { browser: 'firefox', executablePath: '/usr/bin/firefox-esr' },
  chromium: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] },
};
let changed = false;
for (const [name, options] of Object.entries(browsers)) {
  const browser = await puppeteer.launch({ headless: true, ...options });
  const page = await browser.newPage();
  await page.goto(address);
  const counts = [];
  for (let round = 0; round < 5; round++) {
    posts = [];
    const outcome = await page.evaluate(async () => {
      // The connection is one that has carried an answer before.
      await fetch('/answered', { method: 'POST', body: 'before' });
      return fetch('/cut', { method: 'POST', body: 'pay 10 to bob' }).then(String, (error) => error.name);
    });
    if (outcome !== 'TypeError' || posts.some((body) => body !== 'pay 10 to bob')) changed = true;
    counts.push(posts.length);
  }
  console.log(`${name}: one call of fetch, copies of the POST at the server in five rounds: ${counts.join(', ')}`);
  if (!counts.some((count) => count > 1)) changed = true;
  await browser.close();
}
server.closeAllConnections();
server.close();
if (changed) console.log('That has changed.');
process.exitCode = changed ? 1 : 0;
END
node seen.mjs
