import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { expect } from 'vitest';
import {
  type HttpTestAnswer,
  post as postTo,
  send as sendTo,
  type SendOptions,
} from '../src/testing/http-answer.js';

export type { SendOptions };
export type Answer = HttpTestAnswer;

/** Serve an application on a port of its own. */
export async function listen(app: Express): Promise<Server> {
  const started = createServer(app).listen(0, '127.0.0.1');
  await once(started, 'listening');
  return started;
}

/** One request, its answer read to the end. */
export function send(server: Server, path: string, options: SendOptions = {}): Promise<Answer> {
  return sendTo(urlOf(server), path, options);
}

/** A POST of JSON. */
export function post(
  server: Server,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return postTo(urlOf(server), path, body, headers);
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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
