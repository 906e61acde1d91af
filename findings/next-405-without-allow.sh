#!/bin/sh
# Subject:  Route handlers of Next.js and a method that they do not export.
# Versions: next 16.4.6, react 19.3.1, on Node.js 22 or newer.
# Expected: 405 with an Allow header. RFC 9110 section 15.5.6 requires it of an origin server. Next.js knows the methods,
#           because it lists them in the answer to OPTIONS.
# Happens:  405 without it.
# Source:   https://nextjs.org/docs/app/api-reference/file-conventions/route#http-methods
#           https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6
set -eu
folder=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts next@16.4.6 react@19.3.1 react-dom@19.3.1
mkdir -p app/greet
echo "export const GET = () => new Response('hello');" > app/greet/route.js
export NEXT_TELEMETRY_DISABLED=1
node node_modules/next/dist/bin/next build > build.log || { cat build.log; exit 1; }

port=$(node -e "const s = require('node:net').createServer().listen(0, () => { console.log(s.address().port); s.close(); })")
node node_modules/next/dist/bin/next start --port "$port" > start.log 2>&1 &
server=$!
cat > try.js <<'JS'
const url = `http://localhost:${process.argv[2]}/greet`;
for (let tries = 0; tries < 300; tries++) {
  if (await fetch(url).catch(() => false)) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
for (const method of ['GET', 'OPTIONS', 'PUT']) {
  const { status, headers } = await fetch(url, { method });
  console.log(`${method}: ${status}, Allow: ${headers.get('allow')}`);
}
JS

seen=$(node try.js "$port")
echo "$seen"
test "$seen" = 'GET: 200, Allow: null
OPTIONS: 204, Allow: GET, HEAD, OPTIONS
PUT: 405, Allow: null'
