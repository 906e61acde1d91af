import type { ZkpAuth } from '@zkp-auth/server';
import { requireAuth, userOf } from '@zkp-auth/server/express';
import { Router } from 'express';

/** The current user, and the keys with which this user can sign in. */
export function profileApi(auth: ZkpAuth): Router {
  const router = Router();
  router.get('/', requireAuth(auth), async (req, res) => {
    const user = userOf(req);
    const credentials = await auth.listCredentials(user.userId);
    res.set('Cache-Control', 'no-store').json({
      ...user,
      devices: credentials.map(({ credentialId, deviceName, createdAtMs }) => ({
        credentialId,
        deviceName,
        createdAtMs,
      })),
    });
  });
  return router;
}
