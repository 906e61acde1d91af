import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openPinSecretFile } from '../pin/open-pin-secret-file.js';
import { exportPinSecrets, generatePinSecrets } from '../pin/pin-secrets.js';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import { openKeyFile } from './open-key-file.js';
import { openKeyRing } from './open-key-ring.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-mounted-'));
});
afterAll(() => rm(folder, { recursive: true }));

/**
 * Mount a secret as Kubernetes does. Files of mode 0440 are in a folder of their version, and a link leads to that
 * folder.
 */
async function mountSecret(version: string, files: Record<string, string>): Promise<void> {
  await mkdir(join(folder, `..${version}`));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, `..${version}`, name);
    await writeFile(path, text);
    await chmod(path, 0o440);
  }
  await symlink(`..${version}`, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}

describe('a secret that Kubernetes mounts', () => {
  it('opens, and is taken up while the server runs when it is changed', async () => {
    const source = new InMemoryKeyRingStore();
    const admin = await openKeyRing({ store: source, encrypt: false });
    const text = async () => (await source.read())!.content;
    const pins = generatePinSecrets();
    await mountSecret('first', { 'keys.json': await text(), 'pins.json': exportPinSecrets(pins) });
    for (const name of ['keys.json', 'pins.json']) await symlink(`..data/${name}`, join(folder, name));

    const ring = await openKeyFile(join(folder, 'keys.json'), { reloadMs: 5 });
    expect(ring.jwks()).toEqual(admin.jwks());
    expect((await openPinSecretFile(join(folder, 'pins.json'))).active.id).toBe(pins.active.id);

    await admin.rotate({ force: true });
    await mountSecret('second', { 'keys.json': await text(), 'pins.json': exportPinSecrets(pins) });
    await vi.waitFor(() => expect(ring.jwks()).toEqual(admin.jwks()), 10_000);
    ring.close();
  });
});
