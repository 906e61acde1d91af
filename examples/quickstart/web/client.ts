import { ZkpAuthClient } from '@zkp-auth/client';

/** The one client of the page. It holds no secret. */
export const client = new ZkpAuthClient({ baseUrl: '/auth' });
