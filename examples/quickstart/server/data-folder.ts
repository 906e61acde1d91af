import { fileURLToPath } from 'node:url';

/** Where accounts are kept: `DATA_FOLDER`, or `data` beside this folder. */
export const dataFolder: string =
  process.env['DATA_FOLDER'] ?? fileURLToPath(new URL('../data', import.meta.url));
