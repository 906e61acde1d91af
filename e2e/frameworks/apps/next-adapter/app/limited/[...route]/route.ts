import { fetchHandler } from '@zkp-auth/server/fetch';
import { atFirstRequest, notFound } from '../../../lib/at-first-request';
import { auth } from '../../../lib/auth';

export const runtime = 'nodejs';
export const { GET, HEAD, POST, PUT, PATCH, DELETE } = atFirstRequest(({ limit }) => {
  const handle = fetchHandler(auth, { basePath: '/limited', rateLimitHook: limit });
  return async (request) => (await handle(request)) ?? notFound();
});
