import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { BodyReader, requireAuth, zkpAuth, zkpVerify } from '../../src/express/index.js';
import { createTestAuth, register } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

const subject = JSON.stringify({ purpose: 'login', userId: 'alice', credentialId: 'A'.repeat(22) });
const limitBytes = 16_384;
const firstBytes = 4096;

const open: { server: Server; sockets: Socket[] }[] = [];

afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  open.push({ server, sockets });
  const { port } = server.address() as AddressInfo;
  /** Open a connection that sends this text, and read the answer until the connection is closed. */
  return async (text: string) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    let answered = '';
    socket.on('data', (data: Buffer) => (answered += data.toString()));
    const closed = once(socket, 'close');
    socket.write(text);
    return {
      socket,
      answer: () => answered,
      closed: async () => {
        await closed;
        return answered;
      },
    };
  };
}

const head = (path: string, ...headers: string[]) =>
  ['POST ' + path + ' HTTP/1.1', 'Host: a', 'Content-Type: application/json', ...headers, '', ''].join(
    '\r\n',
  );
const chunked = 'Transfer-Encoding: chunked';
const oneByteChunks = (count: number) => '1\r\nx\r\n'.repeat(count);

describe('a body', () => {
  it('in one-byte pieces takes at most twice its size, and gives it back', async () => {
    const reader = new BodyReader();
    const held: number[] = [];
    const reads: Promise<Buffer>[] = [];
    const send = await serve((req: IncomingMessage, res) => {
      reads.push(reader.read(req, limitBytes));
      let size = 0;
      req.on('data', (chunk: Buffer) => {
        size += chunk.length;
        expect(reader.heldBytes).toBeLessThanOrEqual(Math.max(firstBytes, 2 * size));
        held.push(reader.heldBytes);
      });
      req.on('end', () => res.end());
    });
    const { socket, closed } = await send(head('/', chunked, 'Connection: close'));
    socket.write(oneByteChunks(limitBytes));
    socket.write('0\r\n\r\n');
    await closed();
    expect(held).toHaveLength(limitBytes);
    expect(Math.max(...held)).toBe(limitBytes);
    expect((await reads[0])!.toString()).toBe('x'.repeat(limitBytes));
    expect(reader.heldBytes).toBe(0);
  });

  it('takes no memory for a length that it only declares', async () => {
    const reader = new BodyReader();
    const requested = vi.fn();
    const send = await serve((req) => {
      requested();
      reader.read(req, limitBytes).catch(() => undefined);
    });
    const first = await send(head('/', `Content-Length: ${limitBytes}`) + 'x'.repeat(100));
    await vi.waitFor(() => expect(requested).toHaveBeenCalledOnce());
    expect(reader.heldBytes).toBe(firstBytes);
    first.socket.destroy();
    await vi.waitFor(() => expect(reader.heldBytes).toBe(0));
  });

  it.each([
    ['of a length that was told', (text: string) => [head('/', `Content-Length: ${text.length}`), text]],
    [
      'in chunks',
      (text: string) => [head('/', chunked), `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`],
    ],
  ])('%s arrives as it was sent, in whatever pieces', async (_, write) => {
    const reader = new BodyReader();
    const read = vi.fn<(text: string) => void>();
    const send = await serve((req, res) => {
      void reader.read(req, limitBytes).then((bytes) => res.end(read(bytes.toString())));
    });
    const text = Array.from({ length: 1500 }, (_, n) => String(n)).join(',');
    for (const pieceLength of [7, 500, 100_000]) {
      const [headers = '', body = ''] = write(text);
      const { socket } = await send(headers);
      for (let at = 0; at < body.length; at += pieceLength) socket.write(body.slice(at, at + pieceLength));
    }
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(3));
    expect(read.mock.calls).toEqual([[text], [text], [text]]);
    expect(reader.heldBytes).toBe(0);
  });
});

describe('the routes', () => {
  let auth: TestAuth;
  const onError = vi.fn();

  beforeAll(async () => {
    auth = await createTestAuth({ onError });
  });

  const serveRoutes = (bodyReader: BodyReader) => {
    const app = express();
    app.use('/auth', zkpAuth(auth, { bodyReader }));
    app.post('/alone/verify', zkpVerify(auth, { bodyReader }));
    return serve(app as RequestListener);
  };

  it.each(['/auth/challenge', '/auth/verify', '/alone/verify'])(
    '%s answer a half-sent body with 408, and close the connection',
    async (path) => {
      const reader = new BodyReader({ timeoutMs: 30 });
      const send = await serveRoutes(reader);
      const bodies = [
        head(path, 'Content-Length: 100') + '{"purpose"',
        head(path, 'Content-Length: 100'),
        head(path, chunked) + oneByteChunks(5),
      ];
      for (const body of bodies) {
        const answer = await (await send(body)).closed();
        expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
        expect(answer).toContain('Connection: close');
        expect(answer).toContain('"code":"BODY_TIMEOUT"');
      }
      expect(reader.heldBytes).toBe(0);
    },
  );

  it('let no client keep its time running by sending bytes', async () => {
    const send = await serveRoutes(new BodyReader({ timeoutMs: 60 }));
    const { socket, closed } = await send(head('/auth/challenge', chunked));
    const drip = setInterval(() => socket.write(oneByteChunks(1)), 5);
    const answer = await closed();
    clearInterval(drip);
    expect(answer).toContain('"code":"BODY_TIMEOUT"');
  });

  it('answer 503 without reading once all bodies together take too much, and serve again afterwards', async () => {
    const reader = new BodyReader({ totalBytes: 65_536 });
    const send = await serveRoutes(reader);
    const half = head('/auth/challenge', 'Content-Length: 500') + '{';
    const whole = head('/auth/challenge', `Content-Length: ${subject.length}`, 'Connection: close') + subject;
    const inChunks = head('/auth/challenge', chunked, 'Connection: close') + oneByteChunks(20);
    const attackers = await Promise.all(Array.from({ length: 16 }, () => send(half)));
    await vi.waitFor(() => expect(reader.heldBytes).toBe(65_536));
    onError.mockClear();
    for (const request of [half, half, inChunks]) {
      const answer = await (await send(request)).closed();
      expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
      expect(answer).toContain('Retry-After: 1\r\n');
      expect(answer).toContain('"code":"SERVER_BUSY"');
    }
    // A flood does not fill the log as well.
    expect(onError.mock.calls.map(([error]) => (error as { code: string }).code)).toEqual(['SERVER_BUSY']);
    expect(reader.heldBytes).toBe(65_536);
    // A body that came whole takes no room, so the flood shuts out nobody who sends like that.
    expect(await (await send(whole)).closed()).toMatch(/^HTTP\/1\.1 200 /);
    attackers[0]!.socket.destroy();
    await vi.waitFor(() => expect(reader.heldBytes).toBeLessThan(65_536));
    const inTwoParts = await send(whole.slice(0, -10));
    await vi.waitFor(() => expect(reader.heldBytes).toBe(65_536));
    inTwoParts.socket.write(whole.slice(-10));
    expect(await inTwoParts.closed()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('stop a body that would grow beyond what is left for all', async () => {
    const reader = new BodyReader({ totalBytes: 65_536 });
    const send = await serveRoutes(reader);
    for (let n = 0; n < 15; n++) await send(head('/auth/challenge', 'Content-Length: 500') + '{');
    await vi.waitFor(() => expect(reader.heldBytes).toBe(15 * firstBytes));
    const answer = await (
      await send(head('/auth/challenge', 'Content-Length: 16000') + 'x'.repeat(5000))
    ).closed();
    expect(answer).toContain('"code":"SERVER_BUSY"');
    expect(reader.heldBytes).toBe(15 * firstBytes);
  });

  it('give everything back when clients go, before, in and after their time', async () => {
    const reader = new BodyReader({ timeoutMs: 40 });
    const send = await serveRoutes(reader);
    const halves = await Promise.all(
      Array.from({ length: 30 }, () => send(head('/auth/challenge', 'Content-Length: 500') + '{')),
    );
    for (const { socket } of halves.slice(0, 10)) socket.destroy();
    for (const { socket } of halves.slice(10, 20)) socket.resetAndDestroy();
    await Promise.all(halves.slice(20).map(({ closed }) => closed()));
    await vi.waitFor(() => expect(reader.heldBytes).toBe(0));
    expect(
      await (
        await send(
          head('/auth/challenge', `Content-Length: ${subject.length}`, 'Connection: close') + subject,
        )
      ).closed(),
    ).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answer what asks for no body without waiting for the one that was announced', async () => {
    const send = await serveRoutes(new BodyReader());
    const answer = await (
      await send('GET /auth/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n')
    ).closed();
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('a route with a confirmation', () => {
  it('reads its body within the same bounds', async () => {
    const auth = await createTestAuth();
    const { token } = await register(auth, 'alice');
    const bodyReader = new BodyReader({ timeoutMs: 30, totalBytes: 131_072 });
    const app = express();
    app.post('/pay', requireAuth(auth, { confirm: { action: 'pay', bodyReader } }));
    const send = await serve(app as RequestListener);
    const confirmed = ['ZKP-Confirmation: x', `Authorization: Bearer ${token}`];
    const slow = await send(head('/pay', ...confirmed, chunked) + oneByteChunks(3));
    expect(await slow.closed()).toContain('"code":"BODY_TIMEOUT"');
    const large = [1, 2].map(() =>
      send(head('/pay', ...confirmed, 'Content-Length: 100000') + 'x'.repeat(70_000)),
    );
    const answers = await Promise.all((await Promise.all(large)).map(({ closed }) => closed()));
    expect(answers.filter((answer) => answer.includes('"code":"SERVER_BUSY"'))).not.toHaveLength(0);
    expect(bodyReader.heldBytes).toBe(0);
  });

  it('is not set up with bounds that cannot work', async () => {
    const auth = await createTestAuth();
    const bodyReader = new BodyReader({ totalBytes: 65_536 });
    expect(() => requireAuth(auth, { confirm: { action: 'pay', bodyReader } })).toThrow(TypeError);
    for (const limitBytes of [Number.NaN, -1, 1.5]) {
      expect(() => requireAuth(auth, { confirm: { action: 'pay', limitBytes } })).toThrow(TypeError);
    }
    for (const options of [{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { totalBytes: 1000 }]) {
      expect(() => new BodyReader(options)).toThrow(TypeError);
    }
  });
});
