import type { AdapterApp } from '@zkp-auth/server/testing';

/** The context that Next.js passes to a route handler. */
export interface RouteContext {
  params: Promise<{ name?: string }>;
}

type Handler = (request: Request, context: RouteContext) => Promise<Response>;

/** The methods that a route handler of Next.js can export. Next.js itself answers the others. */
export interface Methods {
  GET: Handler;
  HEAD: Handler;
  POST: Handler;
  PUT: Handler;
  PATCH: Handler;
  DELETE: Handler;
}

/**
 * A handler of all methods. Its first request makes it, from the parts that the test has stored in `globalThis`.
 * Next.js also evaluates modules while it builds, and these parts do not exist then.
 */
export function atFirstRequest(make: (app: AdapterApp) => Handler): Methods {
  let handle: Handler | undefined;
  const answer: Handler = (request, context) => {
    handle ??= make((globalThis as unknown as { adapterApp: AdapterApp }).adapterApp);
    return handle(request, context);
  };
  return { GET: answer, HEAD: answer, POST: answer, PUT: answer, PATCH: answer, DELETE: answer };
}

/** The answer for an unknown path. */
export function notFound(): Response {
  return new Response(null, { status: 404 });
}
