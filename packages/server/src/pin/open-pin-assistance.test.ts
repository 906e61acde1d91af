import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginWithPin, registerWithPin } from '../../test/pin-client.js';
import { createTestAuth } from '../../test/test-client.js';
import {
  addPinSecret,
  exportPinSecrets,
  generatePinSecrets,
  importPinSecrets,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  openPinAssistance,
} from '../index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-assistance-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Starts the same server again and again. Only its secrets change. */
function deployment() {
  const store = new InMemoryPinStore();
  const credentials = new InMemoryCredentialStore();
  const start = async (from: Parameters<typeof openPinAssistance>[0]) =>
    createTestAuth({
      stores: { challenges: new InMemoryChallengeStore(), credentials },
      pinAssistance: await openPinAssistance(from),
    });
  return {
    store,
    withFile: (name: string) => start({ store, secretFile: join(folder, name) }),
    withSecrets: (secrets: ReturnType<typeof generatePinSecrets>) => start({ store, secrets }),
  };
}

describe('openPinAssistance', () => {
  it('opens with no pin and no file, and finds the same secret at the next start', async () => {
    const { withFile } = deployment();
    const alice = await registerWithPin(await withFile('first.json'), 'alice', '493817');
    await expect(loginWithPin(await withFile('first.json'), alice, '493817')).resolves.toBeDefined();
  });

  it('old pins stay good under a ring that has grown, and new ones are drawn under the new secret', async () => {
    const { store, withFile } = deployment();
    const alice = await registerWithPin(await withFile('grown.json'), 'alice', '493817');
    const { active } = await addPinSecret(join(folder, 'grown.json'));
    const grown = await withFile('grown.json');
    const bob = await registerWithPin(grown, 'bob', '493817');
    await expect(loginWithPin(grown, alice, '493817')).resolves.toBeDefined();
    await expect(loginWithPin(grown, bob, '493817')).resolves.toBeDefined();
    expect((await store.listOf(bob.credentialId))[0]?.secretId).toBe(active.id);
    expect((await store.listOf(alice.credentialId))[0]?.secretId).not.toBe(active.id);
  });

  it('a server whose secret is lost does not start, says which, and makes no other in its place', async () => {
    const { store, withFile } = deployment();
    const alice = await registerWithPin(await withFile('lost.json'), 'alice', '493817');
    const [secretId] = await store.secretIds();
    await rename(join(folder, 'lost.json'), join(folder, 'backup.json'));
    const starting = withFile('lost.json');
    await expect(starting).rejects.toMatchObject({ code: 'PIN_SECRET_MISSING' });
    await expect(starting).rejects.toThrow(secretId);
    await expect(starting).rejects.toThrow(/need 1 /);
    expect(await readdir(folder)).not.toContain('lost.json');
    await rename(join(folder, 'backup.json'), join(folder, 'lost.json'));
    await expect(loginWithPin(await withFile('lost.json'), alice, '493817')).resolves.toBeDefined();
  });

  it('another ring than the pins need is refused, until nobody needs it', async () => {
    const { store, withSecrets } = deployment();
    const secrets = generatePinSecrets();
    const auth = await withSecrets(importPinSecrets(exportPinSecrets(secrets)));
    const alice = await registerWithPin(auth, 'alice', '493817');
    await expect(withSecrets(generatePinSecrets())).rejects.toMatchObject({
      code: 'PIN_SECRET_MISSING',
      message: expect.stringContaining(secrets.active.id),
    });
    expect((await store.secretIds()).length).toBe(1);
    await auth.revokeCredential('alice', alice.credentialId);
    await expect(withSecrets(generatePinSecrets())).resolves.toBeDefined();
  });

  it('a store that fails is STORE_UNAVAILABLE, and no file is made', async () => {
    const fault = new Error('connection refused');
    const store = new InMemoryPinStore();
    store.secretIds = () => Promise.reject(fault);
    const opening = openPinAssistance({ store, secretFile: join(folder, 'unmade.json') });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: fault });
    expect(await readdir(folder)).not.toContain('unmade.json');
  });
});
