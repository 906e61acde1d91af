import { ZkpAuthClient } from '@zkp-auth/client';
import { tryOut } from './try-out.js';

// For tests that make clients of their own.
globalThis.ZkpAuthClient = ZkpAuthClient;
if (location.hash !== '#idle') void tryOut();
