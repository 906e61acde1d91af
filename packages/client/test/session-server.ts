import { encodeBase64url, randomBytes, requestIdHeader, type SessionResponse } from '@zkp-auth/core';
import { vi } from 'vitest';

/** A request as the server sees it. */
export interface SeenRequest {
  method: string;
  path: string;
  body: Record<string, unknown>;
  authorization: string | null;
  /** Claims of the DPoP proof. */
  dpop: Record<string, unknown> | null;
}

/** A stub of the session routes. It replaces `fetch`. */
export interface SessionServer {
  baseUrl: string;
  origin: string;
  seen: SeenRequest[];
  /** Scripted answers for the next requests of a path. They replace the server's own answers. */
  next: Map<string, ((request: SeenRequest) => Response | Promise<Response>)[]>;
  /** The grant of a new session, as a sign-in gives it. */
  grant(change?: Partial<SessionResponse>): SessionResponse;
}

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json({ code }, { status, headers });

let servers = 0;

export function stubSessionServer(): SessionServer {
  const origin = 'https://app.example';
  const server: SessionServer = {
    origin,
    baseUrl: `${origin}/auth-${servers++}`,
    seen: [],
    next: new Map(),
    grant: (change = {}) => ({
      userId: 'alice',
      credentialId: encodeBase64url(new Uint8Array(16)),
      sessionId: encodeBase64url(new Uint8Array(32).fill(1)),
      token: encodeBase64url(randomBytes(12)),
      tokenType: 'Bearer',
      expiresInMs: 600_000,
      refreshToken: encodeBase64url(randomBytes(80)),
      ...change,
    }),
  };
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const { pathname } = new URL(request.url);
    const seen: SeenRequest = {
      method: request.method,
      path: pathname.replace(new URL(server.baseUrl).pathname, ''),
      body: await request.json().catch(() => ({})),
      authorization: request.headers.get('Authorization'),
      dpop: claimsOf(request.headers.get('DPoP')),
    };
    server.seen.push(seen);
    const response = await answerOf(server, seen);
    const requestId = request.headers.get(requestIdHeader);
    if (requestId !== null) response.headers.set(requestIdHeader, requestId);
    return response;
  });
  return server;
}

function answerOf(server: SessionServer, seen: SeenRequest): Response | Promise<Response> {
  const scripted = server.next.get(seen.path)?.shift();
  if (scripted !== undefined) return scripted(seen);
  if (seen.path === '/refresh')
    return Response.json(server.grant({ sessionId: seen.body['sessionId'] as string }));
  if (seen.path === '/sign-out') return new Response(null, { status: 204 });
  return Response.json({ hello: 'world' });
}

function claimsOf(proof: string | null): Record<string, unknown> | null {
  if (proof === null) return null;
  return JSON.parse(Buffer.from(proof.split('.')[1] as string, 'base64url').toString()) as Record<
    string,
    unknown
  >;
}
