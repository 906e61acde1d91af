import { createHash } from 'node:crypto';
import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { jwksGraceMs } from '../keys/key-ring-options.js';
import type { HttpAnswer, HttpRequest } from './http-message.js';
import { problemAnswer } from './problem-answer.js';

/**
 * The public keys that verify access tokens (RFC 7517). A service may keep them for five minutes, or less if keys
 * are published for a short time only.
 */
export function jwksAnswer(engine: Engine, request: Pick<HttpRequest, 'header' | 'method'>): HttpAnswer {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const refusal = problemAnswer(engine, request, new ZkpAuthError('METHOD_NOT_ALLOWED'));
    return { ...refusal, headers: [...refusal.headers, ['Allow', 'GET, HEAD']] };
  }
  const { keys } = engine;
  const body = JSON.stringify(keys.jwks());
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const validators = [
    ['Cache-Control', cacheControl(keys.jwksMaxAgeMs)],
    ['ETag', etag],
  ] as const;
  if (tagsIn(request.header('if-none-match')).includes(etag)) {
    return { status: 304, headers: validators, body: undefined };
  }
  const types = [
    ['Content-Type', 'application/jwk-set+json'],
    ['X-Content-Type-Options', 'nosniff'],
  ] as const;
  return { status: 200, headers: [...types, ...validators], body };
}

function cacheControl(maxAgeMs: number): string {
  const seconds = Math.floor(maxAgeMs / 1000);
  return seconds === 0
    ? 'no-cache'
    : `public, max-age=${seconds}, stale-while-revalidate=${jwksGraceMs / 1000}`;
}

/**
 * The tags are compared here, because frameworks answer no 304 to a request with `Cache-Control: no-cache`. Every
 * `fetch` with `If-None-Match` sends that header along.
 */
function tagsIn(ifNoneMatch: string | undefined): string[] {
  return (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
