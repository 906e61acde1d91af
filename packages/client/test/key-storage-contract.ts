import { buildMessage, loginContext, verifyProof } from '@zkp-auth/core';
import type { KeyName, KeyStorage } from '../src/index.js';

/** Registers a test: `it` of vitest here, a list of its own in the browser. */
export type RegisterTest = (name: string, run: () => Promise<void>) => void;

const audience = 'https://api.example';
const pin = '482913';
const message = buildMessage({
  purpose: 'login',
  origin: 'https://app.example',
  audience,
  userId: 'alice',
  credentialId: 'x',
  challengeId: 'y',
  challenge: new Uint8Array(32),
  context: loginContext(),
});

/**
 * The contract of `KeyStorage`, free of any test framework so that the same lines run under Node and in a page.
 *
 * @param open gives storages over one set of records; a second call sees what the first wrote.
 */
export function testKeyStorage(test: RegisterTest, open: () => Promise<KeyStorage>): void {
  let users = 0;
  const fresh = (): KeyName => ({ userId: `user-${Date.now()}-${users++}`, audience });
  const activeKey = async (storage: KeyStorage, name: KeyName): Promise<string> => {
    const key = await storage.generateAndStore(name, pin);
    key.dispose();
    await storage.confirmKey(name, key.credentialId);
    return key.credentialId;
  };
  const keysOf = async (storage: KeyStorage, name: KeyName) =>
    (await storage.listKeys()).filter((key) => key.userId === name.userId);

  test('a new key proves at once, and is pending', async () => {
    const storage = await open();
    const name = fresh();
    const key = await storage.generateAndStore(name, pin);
    ok(verifyProof(key.publicKey, message, await key.prove(message)), 'the proof verifies');
    key.dispose();
    equal(await storage.hasKey(name), false);
    equal((await keysOf(storage, name)).map((k) => k.state).join(), 'pending');
  });

  test('a stored key opens again with its PIN, from another handle on the records', async () => {
    const name = fresh();
    const credentialId = await activeKey(await open(), name);
    const key = await (await open()).unlock(name, credentialId, pin);
    ok(verifyProof(key.publicKey, message, await key.prove(message)), 'the proof verifies');
    key.dispose();
    equal(await (await open()).hasKey(name), true);
  });

  test('a closed key proves nothing', async () => {
    const key = await (await open()).generateAndStore(fresh(), pin);
    key.dispose();
    key.dispose();
    await rejects('VAULT_UNAVAILABLE', () => key.prove(message));
  });

  test('a wrong PIN is DECRYPTION_FAILED and changes nothing', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    for (const wrong of ['482914', '4829130', ' 482913']) {
      await rejects('DECRYPTION_FAILED', () => storage.unlock(name, credentialId, wrong));
    }
    (await storage.unlock(name, credentialId, pin)).dispose();
  });

  test('a PIN is the same PIN from another keyboard', async () => {
    const storage = await open();
    const name = fresh();
    const key = await storage.generateAndStore(name, 'pass１２é');
    key.dispose();
    (await storage.unlock(name, key.credentialId, 'pass12e\u0301')).dispose();
  });

  test('an unknown name or key is KEY_NOT_FOUND', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    await rejects('KEY_NOT_FOUND', () => storage.unlock(fresh(), credentialId, pin));
    await rejects('KEY_NOT_FOUND', () => storage.unlock(name, 'AAAAAAAAAAAAAAAAAAAAAA', pin));
    await rejects('KEY_NOT_FOUND', () => storage.confirmKey(name, 'AAAAAAAAAAAAAAAAAAAAAA'));
    await rejects('KEY_NOT_FOUND', () => storage.exportBlob(fresh()));
    equal(await storage.hasKey({ ...name, audience: 'https://other.example' }), false);
  });

  test('a pending key is kept beside the active one until it is confirmed, and then alone', async () => {
    const storage = await open();
    const name = fresh();
    const first = await storage.generateAndStore(name, pin);
    const second = await storage.generateAndStore(name, pin);
    equal((await keysOf(storage, name)).length, 2);
    await storage.confirmKey(name, second.credentialId);
    await storage.confirmKey(name, second.credentialId);
    equal(
      (await keysOf(storage, name)).map((k) => `${k.state} ${k.credentialId}`).join(),
      `active ${second.credentialId}`,
    );
    await rejects('KEY_NOT_FOUND', () => storage.unlock(name, first.credentialId, pin));
  });

  test('discarding takes a pending key only', async () => {
    const storage = await open();
    const name = fresh();
    const kept = await storage.generateAndStore(name, pin);
    const dropped = await storage.generateAndStore(name, pin);
    await storage.discardPendingKey(name, dropped.credentialId);
    equal((await keysOf(storage, name)).map((k) => k.credentialId).join(), kept.credentialId);
    await storage.confirmKey(name, kept.credentialId);
    await storage.discardPendingKey(name, kept.credentialId);
    equal(await storage.hasKey(name), true);
  });

  test('what is exported can be imported elsewhere, and signs the same', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    const blob = await storage.exportBlob(name);
    ok(!blob.includes(pin), 'the blob does not show the PIN');
    await storage.deleteKey(name);
    equal(await storage.hasKey(name), false);
    const imported = await storage.importBlob(blob, pin, { audience });
    equal(imported.credentialId, credentialId);
    (await storage.unlock(name, credentialId, pin)).dispose();
  });

  test('an import is checked whole before anything is written', async () => {
    const storage = await open();
    const name = fresh();
    const own = await activeKey(storage, name);
    const otherName = fresh();
    await activeKey(storage, otherName);
    const blob = await storage.exportBlob(otherName);
    await storage.deleteKey(otherName);
    const changed = (change: object): string =>
      JSON.stringify({ ...(JSON.parse(blob) as object), ...change });

    await rejects('DECRYPTION_FAILED', () => storage.importBlob(blob, '000000', { audience }));
    await rejects('KEY_BLOB_MISMATCH', () =>
      storage.importBlob(blob, pin, { audience: 'https://other.example' }),
    );
    await rejects('KEY_BLOB_MISMATCH', () =>
      storage.importBlob(blob, pin, { audience, userId: name.userId }),
    );
    await rejects('DECRYPTION_FAILED', () =>
      storage.importBlob(changed({ userId: name.userId }), pin, { audience }),
    );
    await rejects('INVALID_KEY_BLOB', () =>
      storage.importBlob(changed({ publicKey: 'AAAA' }), pin, { audience }),
    );
    await rejects('INVALID_KEY_BLOB', () => storage.importBlob(blob.slice(0, -9), pin, { audience }));
    await rejects('INVALID_KEY_BLOB', () => storage.importBlob('', pin, { audience }));
    await rejects('INVALID_KEY_BLOB', () => storage.importBlob(' '.repeat(70_000) + blob, pin, { audience }));

    equal((await keysOf(storage, otherName)).length, 0);
    equal((await keysOf(storage, name)).map((k) => k.credentialId).join(), own);
  });

  test('an import never replaces a different key without being told to', async () => {
    const storage = await open();
    const name = fresh();
    const first = await activeKey(storage, name);
    const blob = await storage.exportBlob(name);
    await storage.importBlob(blob, pin, { audience });
    await storage.deleteKey(name);
    const second = await activeKey(storage, name);
    await rejects('KEY_CONFLICT', () => storage.importBlob(blob, pin, { audience }));
    (await storage.unlock(name, second, pin)).dispose();
    await storage.importBlob(blob, pin, { audience, replace: true });
    (await storage.unlock(name, first, pin)).dispose();
  });

  test('names that need escaping are only names', async () => {
    const storage = await open();
    for (const userId of ['a b', 'a/b?c#d', '"quoted"', '😀', '__proto__', `long-${'x'.repeat(250)}`]) {
      const name = { userId: userId.slice(0, 256), audience };
      const credentialId = await activeKey(storage, name);
      (await storage.unlock(name, credentialId, pin)).dispose();
      await storage.deleteKey(name);
      equal((await keysOf(storage, name)).length, 0);
    }
  });
}

function ok(value: boolean, what: string): void {
  if (!value) throw new Error(`not so: ${what}`);
}

function equal<T>(actual: T, expected: T): void {
  if (!Object.is(actual, expected)) throw new Error(`expected ${String(expected)}, got ${String(actual)}`);
}

async function rejects(code: string, run: () => Promise<unknown>): Promise<void> {
  let failure: unknown;
  try {
    await run();
  } catch (error) {
    failure = error;
  }
  equal((failure as { code?: string } | undefined)?.code, code);
}
