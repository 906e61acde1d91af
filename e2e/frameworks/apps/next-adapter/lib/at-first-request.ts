import type { AdapterApp } from '@zkp-auth/server/testing';

/** The context that Next.js hands to a route handler. */
export interface RouteContext {
  params: Promise<{ name?: string }>;
}

type Handler = (request: Request, context: RouteContext) => Promise<Response>;

/** The methods that a route handler of Next.js can export: for any other it answers by itself. */
export interface Methods {
  GET: Handler;
  HEAD: Handler;
  POST: Handler;
  PUT: Handler;
  PATCH: Handler;
  DELETE: Handler;
}

/**
 * A handler of all methods that is made at its first request, from the parts that the test has put within reach. Next.js
 * evaluates modules while it builds, and there are none then.
 */
export function atFirstRequest(make: (app: AdapterApp) => Handler): Methods {
  let handle: Handler | undefined;
  const answer: Handler = (request, context) => {
    handle ??= make((globalThis as unknown as { adapterApp: AdapterApp }).adapterApp);
    return handle(request, context);
  };
  return { GET: answer, HEAD: answer, POST: answer, PUT: answer, PATCH: answer, DELETE: answer };
}

/** The answer for a path that nobody serves. */
export function notFound(): Response {
  return new Response(null, { status: 404 });
}
