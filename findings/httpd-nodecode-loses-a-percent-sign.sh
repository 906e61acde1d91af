#!/bin/sh
# Subject: Apache httpd as a reverse proxy with `AllowEncodedSlashes NoDecode` and a `ProxyPass` without `nocanon`.
# Versions: Debian 12, apache2-bin 2.4.71-1~deb12u1; any Node.js as the server behind it.
#
# One expects: the setting is about encoded slashes. A path with an encoded percent sign, such as /100%25, reaches the
# server behind as it does without the setting.
# What happens: httpd answers /100%25 with 400 by itself. Without the setting, or with `nocanon`, it arrives as sent.
# Source: https://httpd.apache.org/docs/2.4/mod/core.html#allowencodedslashes speaks of encoded slashes only, and not of
# `%25`. https://httpd.apache.org/docs/2.4/mod/mod_proxy.html#proxypass explains `nocanon`.
#
# Prints what was seen, and exits with 1 if that has changed.
set -eu

if ! command -v apache2 >/dev/null; then
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends apache2-bin >/dev/null
fi
folder=$(mktemp -d)
trap 'kill $server $proxy 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
server= proxy=

cat >"$folder/server.mjs" <<'END'
import { createServer } from 'node:http';
const server = createServer((req, res) => res.end(req.url));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
END
node "$folder/server.mjs" >"$folder/port" &
server=$!
until [ -s "$folder/port" ]; do sleep 0.1; done
upstream=$(cat "$folder/port")
first=$((20000 + $$ % 10000))

site() { # a port, what AllowEncodedSlashes is, and what follows the address
  printf 'Listen 127.0.0.1:%s\n<VirtualHost 127.0.0.1:%s>\nAllowEncodedSlashes %s\n' "$1" "$1" "$2"
  printf 'ProxyPass / http://127.0.0.1:%s/ %s\n</VirtualHost>\n' "$upstream" "$3"
}
{
  printf 'ServerRoot %s\nDefaultRuntimeDir %s\nPidFile %s/pid\nErrorLog %s/log\nServerName localhost\n' \
    "$folder" "$folder" "$folder" "$folder"
  for name in mpm_event authz_core proxy proxy_http; do
    printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' "$name" "$name"
  done
  site "$first" Off ''
  site $((first + 1)) NoDecode ''
  site $((first + 2)) NoDecode nocanon
} >"$folder/config"
apache2 -DFOREGROUND -f "$folder/config" &
proxy=$!

cat >"$folder/ask.mjs" <<'END'
const [first] = process.argv.slice(2).map(Number);
const names = ['Off', 'NoDecode', 'NoDecode with nocanon'];
for (const [n, name] of names.entries()) {
  for (const path of ['/100%25', '/a%20b']) {
    const ask = () => fetch(`http://127.0.0.1:${first + n}${path}`);
    let answer;
    for (let tries = 0; answer === undefined && tries < 50; tries++) {
      answer = await ask().catch(() => new Promise((resolve) => setTimeout(resolve, 100)));
    }
    console.log(`${name}: ${path} ${answer.ok ? `arrives as ${await answer.text()}` : `is answered with ${answer.status}`}`);
  }
}
END
cat >"$folder/expected" <<'END'
Off: /100%25 arrives as /100%25
Off: /a%20b arrives as /a%20b
NoDecode: /100%25 is answered with 400
NoDecode: /a%20b arrives as /a%20b
NoDecode with nocanon: /100%25 arrives as /100%25
NoDecode with nocanon: /a%20b arrives as /a%20b
END
apache2 -v | head -n 1
node "$folder/ask.mjs" "$first" | tee "$folder/seen"
cmp -s "$folder/seen" "$folder/expected"
