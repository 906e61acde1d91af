import { vi } from 'vitest';
import { brokenWaySuite, keyOperations } from './broken-way-suite.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

brokenWaySuite(keyOperations);
