import { requireAuth, type RequireAuthOptions } from '@zkp-auth/server/fetch';
import { atFirstRequest, notFound } from '../../lib/at-first-request';
import { auth } from '../../lib/auth';

const demands = new Map<string, RequireAuthOptions>([
  ['GET /me', {}],
  ['GET /recent', { maxAgeMs: 0 }],
  ['GET /stateless', { stateless: true }],
  ['POST /transfer', { confirm: 'transfer' }],
  ['POST /small', { confirm: { action: 'small', limitBytes: 16 } }],
]);

export const runtime = 'nodejs';
export const { GET, HEAD, POST, PUT, PATCH, DELETE } = atFirstRequest((app) => {
  const address = ({ headers }: Request): string | undefined => app.address((name) => headers.get(name));
  const guards = new Map(
    [...demands].map(([route, options]) => [route, requireAuth(auth, { address, ...options })]),
  );
  return async (request, { params }) => {
    const { name = '' } = await params;
    const guard = guards.get(`${request.method} /${name}`);
    if (guard === undefined) return notFound();
    return guard(request, ({ user: { userId }, payload }) =>
      Response.json(payload ? { userId, payload: Buffer.from(payload).toString() } : { userId }),
    );
  };
});
