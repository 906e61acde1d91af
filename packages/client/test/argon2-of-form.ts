import { vi } from 'vitest';
import * as cheap from './cheap-argon2.js';

/** For `vi.mock('hash-wasm')`. The long form uses Argon2id itself. In the short form no test checks its cost. */
export const { argon2id } =
  process.env['LONG'] === 'all' ? await vi.importActual<typeof cheap>('hash-wasm') : cheap;
