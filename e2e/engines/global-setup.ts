import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedApp } from '../pack-app.ts';

/** Pack the quickstart once for all files, unless it is packed already. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-engines-'));
  process.env['PACKED_APP'] = packedApp(folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
