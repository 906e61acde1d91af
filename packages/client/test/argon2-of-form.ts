import { vi } from 'vitest';
import * as cheap from './cheap-argon2.js';

/** For `vi.mock('hash-wasm')`: Argon2id itself in the long form. In the short one no test looks at what it costs. */
export const { argon2id } =
  process.env['LONG'] === 'all' ? await vi.importActual<typeof cheap>('hash-wasm') : cheap;
