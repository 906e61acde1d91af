import { fileURLToPath } from 'node:url';

/** The folder of the accounts. It is `DATA_FOLDER`, or `data` beside this folder. */
export const dataFolder: string =
  process.env['DATA_FOLDER'] ?? fileURLToPath(new URL('../data', import.meta.url));
