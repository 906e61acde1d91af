import { vi } from 'vitest';
import { accountOperations, brokenWaySuite } from './broken-way-suite.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

brokenWaySuite(accountOperations);
