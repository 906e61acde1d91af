import { once } from 'node:events';
import { Agent, createServer, request, type RequestOptions, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { expect } from 'vitest';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: any;
}

export type SendOptions = RequestOptions & { body?: string | Uint8Array | undefined };

/** Serve an application on a port of its own. */
export async function listen(app: Express): Promise<Server> {
  const started = createServer(app).listen(0, '127.0.0.1');
  await once(started, 'listening');
  return started;
}

const agent = new Agent({ keepAlive: true });

/** One request, its answer read to the end. */
export function send(server: Server, path: string, options: SendOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const { body, ...rest } = options;
    const req = request({ host: '127.0.0.1', port, path, agent, ...rest }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          json = undefined;
        }
        resolve({ status: res.statusCode as number, headers: res.headers, text, json });
      });
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** A POST of JSON. */
export function post(
  server: Server,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send(server, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Whether an answer is a problem document that tells nothing of the server's insides. */
export function expectProblem(answer: Answer, status?: number, code?: string): void {
  if (status !== undefined) expect(answer.status).toBe(status);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-store');
  const isCookieMissing = answer.json.code === 'SESSION_ENDED' && answer.json.cookie !== undefined;
  expect(answer.json).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status: answer.status,
    code: code ?? expect.stringMatching(/^[A-Z_]+$/),
    detail: expect.any(String),
    ...(isCookieMissing ? { cookie: 'missing' } : {}),
  });
  expect(answer.text).not.toMatch(/at .*\.(js|ts):\d+|node_modules/);
}
