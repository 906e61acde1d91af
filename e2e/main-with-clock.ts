// The quickstart with a clock that a test moves forward through GET /advance?ms=… on a port of its own. ORIGINS is a
// list of further origins for its page, separated by spaces.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../examples/quickstart/server/create-app.ts';

let offsetMs = 0;
const app = createServer();
const control = createServer((req, res) => {
  offsetMs += Number(new URL(req.url ?? '', 'http://localhost').searchParams.get('ms'));
  res.end();
});
const url = await listen(app);
app.on(
  'request',
  await createApp({
    dataFolder: process.env['DATA_FOLDER'] as string,
    origins: [url, ...(process.env['ORIGINS']?.split(' ') ?? [])],
    now: () => Date.now() + offsetMs,
  }),
);
console.log(`${url}\n${await listen(control)}`);

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
