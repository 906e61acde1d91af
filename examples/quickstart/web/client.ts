import { ZkpAuthClient } from '@zkp-auth/client';

/** One for the whole page. It holds no secret. */
export const client = new ZkpAuthClient({ baseUrl: '/auth' });
