import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';

const heapMiB = 18;
/** With a list of pieces each connection took half a mebibyte. `BODY_FLOOD_CONNECTIONS=600` makes a longer form. */
const connections = Number(process.env['BODY_FLOOD_CONNECTIONS'] ?? 14);
const pieces = 16_000;

let child: ChildProcess | undefined;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  child?.kill('SIGKILL');
});

it('bodies in one-byte pieces on many connections do not take a server with a small heap down', async () => {
  child = fork(new URL('./body-flood.mjs', import.meta.url), {
    execArgv: [`--max-old-space-size=${heapMiB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const flood = Buffer.from(
    'POST /auth/challenge HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
      `Transfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(pieces)}`,
  );
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.resume();
      await new Promise((resolve) => {
        socket.on('close', resolve);
        socket.write(flood, resolve);
      });
    }),
  );
  const answer = await fetch(`http://127.0.0.1:${port}/auth/challenge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ purpose: 'login', userId: 'alice', credentialId: 'A'.repeat(22) }),
  });
  expect(answer.status).toBe(200);
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
});
