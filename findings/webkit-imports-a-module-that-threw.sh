#!/bin/sh
# Subject: a second `import()` of a module that threw while it was evaluated, in WebKitGTK.
# Versions: Debian 12, webkit2gtk-driver 2.50.6-1~deb12u1 (MiniBrowser of libwebkit2gtk-4.1-0), xvfb; any Node.js 20 or newer.
#
# One expects: a module is evaluated once. Every `import()` of it rejects with the error that the module threw.
# What happens: the first `import()` rejects with that error. The second one resolves, with a namespace whose exports
# cannot be read.
# Source: https://tc39.es/ecma262/#sec-moduleevaluation keeps the error for each later evaluation.
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
const server = createServer((req, res) => {
  if (req.url !== '/part.js') return res.setHeader('Content-Type', 'text/html').end('<!doctype html><title>page</title>');
  res.setHeader('Content-Type', 'text/javascript').end("throw new Error('mine'); export const part = 1;");
});
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
    const load = () => import('/part.js').then(
      (part) => {
        let value;
        try { value = String(part.part); } catch (error) { value = error.name; }
        return 'resolved, and its export is ' + value;
      },
      (error) => 'rejected with ' + error.message,
    );
    (async () => ['first import: ' + (await load()), 'second import: ' + (await load())])().then(done);
  `,
});
console.log(seen.join('\n'));
await fetch(`${driver}/session/${sessionId}`, { method: 'DELETE' });
server.closeAllConnections();
server.close();
END
seen=$(node "$folder/seen.mjs" "$port")
echo "$seen"
test "$seen" = 'first import: rejected with mine
second import: resolved, and its export is ReferenceError'
