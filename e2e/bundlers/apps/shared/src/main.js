import { ZkpAuthClient } from '@zkp-auth/client';
import { tryOut } from './try-out.js';

// Tests make further clients with it.
globalThis.ZkpAuthClient = ZkpAuthClient;
if (location.hash !== '#idle') void tryOut();
