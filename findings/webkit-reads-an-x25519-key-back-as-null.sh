#!/bin/sh
# Subject: non-extractable private keys of Web Crypto, kept in IndexedDB and read back, in WebKitGTK.
# Versions: Debian 12, webkit2gtk-driver 2.50.6-1~deb12u1 (MiniBrowser of libwebkit2gtk-4.1-0), xvfb; any Node.js 20 or newer.
#
# One expects: CryptoKey is serializable, so every supported key comes back from IndexedDB as it was put there.
# What happens: Ed25519, ECDSA P-256, AES-GCM and HMAC keys do. An X25519 key is put there without an error, and the
# value that comes back is null.
# Source: https://w3c.github.io/webcrypto/#cryptokey-interface-clone; X25519 is in the same specification.
#
# Prints what was seen, and exits with 1 if that has changed.
set -eu

if ! command -v WebKitWebDriver >/dev/null || ! command -v Xvfb >/dev/null; then
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends webkit2gtk-driver xvfb >/dev/null
fi
folder=$(mktemp -d)
screen= driver=
trap 'kill $driver $screen 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
Xvfb -displayfd 3 -screen 0 1024x768x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
screen=$!
until [ -s "$folder/display" ]; do sleep 0.1; done
port=$((20000 + $$ % 10000))
DISPLAY=":$(cat "$folder/display")" WebKitWebDriver --port=$port >/dev/null 2>&1 &
driver=$!

cat >"$folder/seen.mjs" <<'END'
import { createServer } from 'node:http';
import { existsSync, readdirSync } from 'node:fs';

const browser = readdirSync('/usr/lib')
  .map((name) => `/usr/lib/${name}/webkit2gtk-4.1/MiniBrowser`)
  .find((path) => existsSync(path));
const server = createServer((_, res) => res.setHeader('Content-Type', 'text/html').end('<!doctype html><title>page</title>'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const driver = `http://127.0.0.1:${process.argv[2]}`;
const send = async (path, body) => {
  const response = await fetch(driver + path, { method: 'POST', body: JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(value));
  return value;
};
for (let tries = 0; ; tries++) {
  try {
    await fetch(`${driver}/status`);
    break;
  } catch (error) {
    if (tries === 100) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const { sessionId } = await send('/session', {
  capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } } },
});
await send(`/session/${sessionId}/url`, { url: `http://localhost:${server.address().port}/` });
const seen = await send(`/session/${sessionId}/execute/async`, {
  args: [],
  script: `
    const done = arguments[arguments.length - 1];
    const algorithms = {
      'ECDSA P-256': [{ name: 'ECDSA', namedCurve: 'P-256' }, ['sign', 'verify']],
      Ed25519: ['Ed25519', ['sign', 'verify']],
      X25519: ['X25519', ['deriveBits']],
      'AES-GCM': [{ name: 'AES-GCM', length: 256 }, ['encrypt']],
      HMAC: [{ name: 'HMAC', hash: 'SHA-256' }, ['sign']],
    };
    const settled = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    (async () => {
      const opening = indexedDB.open('keys', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
      const database = await settled(opening);
      const seen = [];
      for (const [name, [algorithm, usages]] of Object.entries(algorithms)) {
        const made = await crypto.subtle.generateKey(algorithm, false, usages);
        const key = made.privateKey ?? made;
        await settled(database.transaction('keys', 'readwrite').objectStore('keys').put(key, name));
        const back = await settled(database.transaction('keys').objectStore('keys').get(name));
        seen.push(name + ': put, and read back as ' + (back === null ? 'null' : back?.constructor.name));
      }
      return seen;
    })().then(done, (error) => done([String(error)]));
  `,
});
console.log(seen.join('\n'));
await fetch(`${driver}/session/${sessionId}`, { method: 'DELETE' });
server.closeAllConnections();
server.close();
END
seen=$(node "$folder/seen.mjs" "$port")
echo "$seen"
test "$seen" = 'ECDSA P-256: put, and read back as CryptoKey
Ed25519: put, and read back as CryptoKey
X25519: put, and read back as null
AES-GCM: put, and read back as CryptoKey
HMAC: put, and read back as CryptoKey'
