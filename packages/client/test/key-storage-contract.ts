import {
  buildMessage,
  encodeBase64url,
  loginContext,
  randomBytes,
  registerContext,
  verifyProof,
} from '@zkp-auth/core';
import type { KeyName, KeyStorage, KeyUse, SlotSecret, UnlockedKey } from '../src/index.js';

/** Registers a test: `it` of vitest here, a list of its own in the browser. */
export type RegisterTest = (name: string, run: () => Promise<void>) => void;

const audience = 'https://api.example';
const under = (pin: string): SlotSecret => ({ kind: 'pin', pin, assist: null });
const pin = under('482913');
const passphrase: SlotSecret = { kind: 'passphrase', passphrase: 'seven words or so' };
const passkey = (): SlotSecret => ({
  kind: 'passkey',
  passkeyId: new Uint8Array(20).fill(1),
  salt: new Uint8Array(32).fill(2),
  prfOutput: new Uint8Array(32).fill(3),
});
const otherPasskey = (): SlotSecret =>
  ({ ...passkey(), passkeyId: new Uint8Array(20).fill(4) }) as SlotSecret;
const origin = 'https://app.example';

/** Make a key prove a registration or a login, and check the proof against the expected message. */
async function proves(key: UnlockedKey, userId: string, purpose: 'register' | 'login'): Promise<boolean> {
  const [challengeId, challenge] = [encodeBase64url(randomBytes(16)), randomBytes(32)];
  const { publicKey, credentialId } = key;
  const sessionKey = randomBytes(32);
  const proof = await key.prove({ for: purpose, challengeId, challenge, sessionKey }, origin);
  const context =
    purpose === 'login' ? loginContext({ sessionKey }) : registerContext({ publicKey, sessionKey });
  const bound = { purpose, origin, audience, userId, credentialId, challengeId, challenge, context };
  return verifyProof(publicKey, buildMessage(bound), proof);
}

/**
 * The contract of `KeyStorage`. It needs no test framework, so the same lines run under Node and in a page.
 *
 * @param open gives storages over one set of records. The storage of a second call sees the records of the first.
 */
export function testKeyStorage(test: RegisterTest, open: () => Promise<KeyStorage>): void {
  let users = 0;
  const fresh = (): KeyName => ({ userId: `user-${Date.now()}-${users++}`, audience });
  const activeKey = async (storage: KeyStorage, name: KeyName): Promise<string> => {
    const key = await storage.generateAndStore(name, pin);
    key.dispose();
    await storage.activateKey(name, key.credentialId);
    return key.credentialId;
  };
  const keysOf = async (storage: KeyStorage, name: KeyName) =>
    (await storage.listKeys()).filter((key) => key.userId === name.userId);

  test('a new key proves at once, and is pending', async () => {
    const storage = await open();
    const name = fresh();
    const key = await storage.generateAndStore(name, pin);
    ok(await proves(key, name.userId, 'register'), 'the proof verifies');
    key.dispose();
    equal(await storage.hasKey(name), false);
    equal((await keysOf(storage, name)).map((k) => k.state).join(), 'pending');
  });

  test('a stored key opens again with its PIN, from another handle on the records', async () => {
    const name = fresh();
    const credentialId = await activeKey(await open(), name);
    const key = await (await open()).unlock(name, credentialId, pin, 'login');
    ok(await proves(key, name.userId, 'login'), 'the proof verifies');
    key.dispose();
    equal(await (await open()).hasKey(name), true);
  });

  test('a closed key proves nothing', async () => {
    const name = fresh();
    const key = await (await open()).generateAndStore(name, pin);
    key.dispose();
    key.dispose();
    await rejects('VAULT_UNAVAILABLE', () => proves(key, name.userId, 'register'));
  });

  test('a wrong PIN is DECRYPTION_FAILED and changes nothing', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    for (const wrong of ['482914', '4829130', ' 482914', '4-8-2-9-1-4', '٤٨٢٩١٤', '\u200b']) {
      await rejects('DECRYPTION_FAILED', () => storage.unlock(name, credentialId, under(wrong)));
    }
    (await storage.unlock(name, credentialId, pin)).dispose();
  });

  test('a PIN is the same PIN from another keyboard', async () => {
    const storage = await open();
    const name = fresh();
    const key = await storage.generateAndStore(name, under('pass１２é'));
    key.dispose();
    (await storage.unlock(name, key.credentialId, under('pass12e\u0301'))).dispose();
    (await storage.unlock(name, key.credentialId, under(' pass१२é\u200f\n'))).dispose();
    await rejects('DECRYPTION_FAILED', () => storage.unlock(name, key.credentialId, under('pass-12é')));
    const spellings = ['482913 ', '482 913\n', '48-29-13', '٤٨٢٩١٣', '۴۸۲۹۱۳', '४८२९१३', '\ufeff482913'];
    for (const set of ['482913', '٤٨٢-٩١٣\u200f']) {
      const digits = await storage.generateAndStore(name, under(set));
      digits.dispose();
      for (const typed of ['482913', ...spellings]) {
        (await storage.unlock(name, digits.credentialId, under(typed))).dispose();
      }
    }
  });

  test('an unknown name or key is KEY_NOT_FOUND', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    await rejects('KEY_NOT_FOUND', () => storage.unlock(fresh(), credentialId, pin));
    await rejects('KEY_NOT_FOUND', () => storage.unlock(name, 'AAAAAAAAAAAAAAAAAAAAAA', pin));
    await rejects('KEY_NOT_FOUND', () => storage.activateKey(name, 'AAAAAAAAAAAAAAAAAAAAAA'));
    await rejects('KEY_NOT_FOUND', () => storage.listSlots(fresh(), credentialId));
    equal(await storage.hasKey({ ...name, audience: 'https://other.example' }), false);
  });

  test('a pending key is kept beside the active one until it is confirmed, and then alone', async () => {
    const storage = await open();
    const name = fresh();
    const first = await storage.generateAndStore(name, pin);
    const second = await storage.generateAndStore(name, pin);
    equal((await keysOf(storage, name)).length, 2);
    await storage.activateKey(name, second.credentialId);
    await storage.activateKey(name, second.credentialId);
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
    await storage.activateKey(name, kept.credentialId);
    await storage.discardPendingKey(name, kept.credentialId);
    equal(await storage.hasKey(name), true);
  });

  const change = async (
    storage: KeyStorage,
    name: KeyName,
    { credentialId, use, secret }: { credentialId: string; use: KeyUse; secret: SlotSecret },
  ) => {
    const key = await storage.unlock(name, credentialId, pin, use);
    return storage.addSlot(key, secret).finally(() => key.dispose());
  };
  const exported = async (storage: KeyStorage, name: KeyName, secret = pin): Promise<string> => {
    const key = await storage.unlock(name, await activeKey(storage, name), pin, 'export');
    const blob = await storage.exportBlob(key, secret);
    key.dispose();
    return blob;
  };
  const imported = async (storage: KeyStorage, blob: string, name: KeyName, options = {}) => {
    const key = await storage.importBlob(blob, pin, name);
    try {
      await storage.addSlot(key, pin);
      return await storage.saveKey(key, options);
    } finally {
      key.dispose();
    }
  };

  test('what is exported can be imported elsewhere, and signs the same', async () => {
    const storage = await open();
    const name = fresh();
    const blob = await exported(storage, name);
    ok(!blob.includes('482913'), 'the blob does not show the PIN');
    const [own] = await keysOf(storage, name);
    await storage.deleteKey(name);
    equal(await storage.hasKey(name), false);
    const key = await imported(storage, blob, name);
    equal(key.credentialId, own?.credentialId);
    equal(key.mustRotate, false);
    (await storage.unlock(name, key.credentialId, pin)).dispose();
  });

  test('a blob under a passphrase opens under that, and not under the PIN', async () => {
    const storage = await open();
    const name = fresh();
    const blob = await exported(storage, name, passphrase);
    await rejects('SLOT_NOT_FOUND', () => storage.importBlob(blob, pin, name));
    await rejects('DECRYPTION_FAILED', () =>
      storage.importBlob(blob, { kind: 'passphrase', passphrase: 'other words' }, name),
    );
    (await storage.importBlob(blob, passphrase, name)).dispose();
  });

  test('an import is checked whole before anything is written', async () => {
    const storage = await open();
    const name = fresh();
    const own = await activeKey(storage, name);
    const otherName = fresh();
    const blob = await exported(storage, otherName);
    await storage.deleteKey(otherName);
    const changed = (change: object): string =>
      JSON.stringify({ ...(JSON.parse(blob) as object), check: undefined, ...change });

    await rejects('DECRYPTION_FAILED', () => storage.importBlob(blob, under('000000'), otherName));
    await rejects('KEY_BLOB_MISMATCH', () =>
      storage.importBlob(blob, pin, { ...otherName, audience: 'https://other.example' }),
    );
    await rejects('KEY_BLOB_MISMATCH', () => storage.importBlob(blob, pin, name));
    await rejects('DECRYPTION_FAILED', () => storage.importBlob(changed({ userId: name.userId }), pin, name));
    await rejects('INVALID_KEY_BLOB', () =>
      storage.importBlob(changed({ publicKey: 'AAAA' }), pin, otherName),
    );
    await rejects('INVALID_KEY_BLOB', () => storage.importBlob(blob.slice(0, -9), pin, otherName));
    await rejects('INVALID_KEY_BLOB', () => storage.importBlob('', pin, otherName));
    await rejects('INVALID_KEY_BLOB', () => storage.importBlob(' '.repeat(70_000) + blob, pin, otherName));

    equal((await keysOf(storage, otherName)).length, 0);
    equal((await keysOf(storage, name)).map((k) => k.credentialId).join(), own);
  });

  test('an import never replaces a different key without being told to', async () => {
    const storage = await open();
    const name = fresh();
    const blob = await exported(storage, name);
    const [first] = await keysOf(storage, name);
    await imported(storage, blob, name);
    await storage.deleteKey(name);
    const second = await activeKey(storage, name);
    await rejects('KEY_CONFLICT', () => imported(storage, blob, name));
    (await storage.unlock(name, second, pin)).dispose();
    await imported(storage, blob, name, { replace: true });
    (await storage.unlock(name, first?.credentialId ?? '', pin)).dispose();
  });

  test('every slot opens the same key, and can be let go but for the last', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    await change(storage, name, { credentialId, use: 'add-passkey', secret: passkey() });
    await change(storage, name, { credentialId, use: 'add-passkey', secret: otherPasskey() });
    const slots = await storage.listSlots(name, credentialId);
    equal(slots.map(({ kind }) => kind).join(), 'pin,passkey,passkey');
    for (const secret of [pin, passkey(), otherPasskey()]) {
      const same = await storage.unlock(name, credentialId, secret, 'login');
      equal(same.credentialId, credentialId);
      ok(await proves(same, name.userId, 'login'), 'the proof verifies');
      same.dispose();
    }
    await rejects('SLOT_NOT_FOUND', () => storage.removeSlot(name, credentialId, 'no such slot'));
    await storage.removeSlot(name, credentialId, slots[0]?.id ?? '');
    await rejects('SLOT_NOT_FOUND', () => storage.unlock(name, credentialId, pin));
    await storage.removeSlot(name, credentialId, slots[1]?.id ?? '');
    await rejects('LAST_SLOT', () => storage.removeSlot(name, credentialId, slots[2]?.id ?? ''));
    (await storage.unlock(name, credentialId, otherPasskey())).dispose();
  });

  test('a passkey with another secret opens nothing', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    await change(storage, name, { credentialId, use: 'add-passkey', secret: passkey() });
    await rejects('DECRYPTION_FAILED', () =>
      storage.unlock(name, credentialId, { ...passkey(), prfOutput: new Uint8Array(32) } as SlotSecret),
    );
    await rejects('SLOT_NOT_FOUND', () =>
      storage.unlock(name, credentialId, { ...passkey(), passkeyId: new Uint8Array(20) } as SlotSecret),
    );
  });

  test('settling keeps one PIN slot, and the others of other kinds', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    await change(storage, name, { credentialId, use: 'add-passkey', secret: passkey() });
    const { id } = await change(storage, name, { credentialId, use: 'change-pin', secret: under('738294') });
    await storage.settlePinSlot(name, credentialId, id);
    await rejects('DECRYPTION_FAILED', () => storage.unlock(name, credentialId, pin));
    (await storage.unlock(name, credentialId, under('738294'))).dispose();
    (await storage.unlock(name, credentialId, passkey())).dispose();
  });

  test('a key is wrapped under nothing that it was not opened for, and is closed if that is asked', async () => {
    const storage = await open();
    const name = fresh();
    const credentialId = await activeKey(storage, name);
    const secrets = [pin, passphrase, passkey(), under('738294')];
    const taken: Partial<Record<string, SlotSecret['kind'][]>> = {
      'change-pin': ['pin'],
      'add-passkey': ['passkey'],
    };
    for (const use of [
      'check',
      'register',
      'login',
      'open-key',
      'change-pin',
      'add-passkey',
      'export',
    ] as const) {
      for (const secret of secrets.filter(({ kind }) => taken[use]?.includes(kind) !== true)) {
        const key = await storage.unlock(name, credentialId, pin, use);
        await rejects('VAULT_UNAVAILABLE', () => storage.addSlot(key, secret));
        await rejects('VAULT_UNAVAILABLE', () => proves(key, name.userId, 'login'));
      }
      if (use === 'export') continue;
      const key = await storage.unlock(name, credentialId, pin, use);
      await rejects('VAULT_UNAVAILABLE', () => storage.exportBlob(key, passphrase));
      await rejects('VAULT_UNAVAILABLE', () => proves(key, name.userId, 'login'));
    }
    equal((await storage.listSlots(name, credentialId)).length, 1);
    const closed = await storage.unlock(name, credentialId, pin, 'export');
    closed.dispose();
    await rejects('VAULT_UNAVAILABLE', () => storage.exportBlob(closed, passphrase));
  });

  test('two pages that change one key at once lose no slot of each other’s', async () => {
    const [one, other] = [await open(), await open()];
    const name = fresh();
    const credentialId = await activeKey(one, name);
    const openTo = (storage: KeyStorage, use: KeyUse): Promise<UnlockedKey> =>
      storage.unlock(name, credentialId, pin, use);
    const opened = await openTo(one, 'add-passkey');
    const again = await openTo(other, 'add-passkey');
    const [slot, otherSlot] = await Promise.all([
      one.addSlot(opened, passkey()),
      other.addSlot(again, otherPasskey()),
    ]);
    const slots = async (): Promise<string> =>
      (await one.listSlots(name, credentialId))
        .map(({ kind }) => kind)
        .toSorted()
        .join();
    equal(await slots(), 'passkey,passkey,pin');
    const [newPin, newPasskey] = [await openTo(other, 'change-pin'), await openTo(other, 'add-passkey')];
    await Promise.all([
      one.removeSlot(name, credentialId, slot.id),
      other.removeSlot(name, credentialId, otherSlot.id),
      other.addSlot(newPin, under('738294')),
    ]);
    equal(await slots(), 'pin,pin');
    const [pending] = await Promise.all([
      one.generateAndStore(name, pin),
      other.addSlot(newPasskey, passkey()),
      one.saveReturns(name, []),
    ]);
    equal(await slots(), 'passkey,pin,pin');
    equal((await keysOf(one, name)).length, 2);
    for (const key of [opened, again, newPin, newPasskey, pending]) key.dispose();
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
