import { ZkpAuthClient } from '@zkp-auth/client';

export const client = new ZkpAuthClient({ baseUrl: '/auth' });
