#!/bin/sh
# Subject:  createRemoteJWKSet of jose and the Cache-Control of a JWKS.
# Versions: jose 6.2.17, on Node.js 22 or newer.
# Expected: A key that its server took out of the JWKS stops counting when the answer's Cache-Control ends (RFC 9111).
# Happens:  The header is not read. A set is kept for "cacheMaxAge", ten minutes unless it is given, so that a token of
#           a key that was taken out is accepted nine minutes after an answer with "max-age=1".
# Source:   https://github.com/panva/jose/blob/main/docs/jwks/remote/interfaces/RemoteJWKSetOptions.md
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts jose@6.2.17

cat > try.js <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';

const { privateKey, publicKey } = await generateKeyPair('ES256');
const jwk = { ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' };
const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'a' }).setExpirationTime('1h').sign(privateKey);
let keys;
const server = createServer((_, response) => {
  response.setHeader('Cache-Control', 'public, max-age=1');
  response.end(JSON.stringify({ keys }));
}).listen(0);
await once(server, 'listening');
const url = new URL(`http://127.0.0.1:${server.address().port}`);

const startMs = Date.now();
let minutes;
Date.now = () => startMs + minutes * 60_000;
for (const options of [{}, { cacheMaxAge: 300_000 }]) {
  const set = createRemoteJWKSet(url, options);
  for (minutes of [0, 1, 4, 6, 9, 11]) {
    keys = minutes === 0 ? [jwk] : [];
    const outcome = await jwtVerify(token, set).then(
      () => 'accepted',
      ({ code }) => code,
    );
    console.log(JSON.stringify(options), `after ${minutes} min: ${outcome}`);
  }
}
server.close();
JS

seen=$(node try.js)
echo "$seen"
test "$seen" = '{} after 0 min: accepted
{} after 1 min: accepted
{} after 4 min: accepted
{} after 6 min: accepted
{} after 9 min: accepted
{} after 11 min: ERR_JWKS_NO_MATCHING_KEY
{"cacheMaxAge":300000} after 0 min: accepted
{"cacheMaxAge":300000} after 1 min: accepted
{"cacheMaxAge":300000} after 4 min: accepted
{"cacheMaxAge":300000} after 6 min: ERR_JWKS_NO_MATCHING_KEY
{"cacheMaxAge":300000} after 9 min: ERR_JWKS_NO_MATCHING_KEY
{"cacheMaxAge":300000} after 11 min: ERR_JWKS_NO_MATCHING_KEY'
