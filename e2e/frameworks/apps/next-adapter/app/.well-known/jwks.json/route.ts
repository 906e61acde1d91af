import { zkpJwks } from '@zkp-auth/server/fetch';
import { atFirstRequest } from '../../../lib/at-first-request';
import { auth } from '../../../lib/auth';

export const runtime = 'nodejs';
export const { GET, HEAD, POST, PUT, PATCH, DELETE } = atFirstRequest(() => zkpJwks(auth));
