import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackages } from '../packed-packages.ts';

/** Pack the packages as for publication, for applications outside the workspace. */
// oxlint-disable-next-line no-default-export -- Playwright calls it
export default function packClient(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-bundlers-'));
  packPackages(folder, ['core', 'client']);
  process.env['PACKED_FOLDER'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The folder of the packed packages, for use in a test. */
export function packedFolder(): string {
  const folder = process.env['PACKED_FOLDER'];
  if (folder === undefined) throw new Error('the packages were not packed');
  return folder;
}
