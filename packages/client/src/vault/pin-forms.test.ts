import {
  credentialIdOf,
  formatVaultRecord,
  generateKeyPair,
  type SecretSlot,
  type VaultRecord,
  ZkpAuthError,
} from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { FakePinServer } from '../../test/fake-pin-server.js';
import { oldPinSlot } from '../../test/old-pin-slot.js';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import { VaultKeyStorage } from './vault-key-storage.js';
import { openRecord } from './open-slot.js';
import { sealSlot } from './seal-slot.js';
import { UnansweredQuestions } from './blind-pin.js';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const { secretKey, publicKey } = generateKeyPair();
const header = {
  userId: 'alice',
  audience: 'https://api.example',
  publicKey,
  credentialId: credentialIdOf(publicKey),
};
const recordWith = (...slots: SecretSlot[]): VaultRecord => ({
  ...header,
  createdAt: '2026-01-01T00:00:00Z',
  slots,
});
const work = () => ({ onKnown: async () => undefined, questions: new UnansweredQuestions() });
const open = (record: VaultRecord, pin: string, assist: FakePinServer['assist'] | null) =>
  openRecord(record, { kind: 'pin', pin, assist }, work()).then(
    () => 'open',
    (error: { code?: string }) => error.code,
  );
const withServer = [true, false].map((assisted) => ({ assisted }));

describe.each(withServer)('a slot of before form 2 (server’s help: $assisted)', ({ assisted }) => {
  const old = async (pin: string) => {
    const server = new FakePinServer();
    const assist = assisted ? server.assist : null;
    const record = recordWith(await oldPinSlot(header, secretKey, { pin, assist }));
    server.asked.length = 0;
    return { server, record, tryPin: (typed: string) => open(record, typed, assist) };
  };

  it.each(['482619', '482 619 ', '٤٨٢٦١٩', '4-8-2-6', '      '])(
    'under "%s" opens with what was typed then, at the first try',
    async (pin) => {
      const { server, tryPin } = await old(pin);
      expect(await tryPin(pin)).toBe('open');
      expect(server.asked).toHaveLength(assisted ? 1 : 0);
    },
  );

  it('opens with its digits in another spelling at a second try', async () => {
    const { server, tryPin } = await old('482619');
    for (const typed of ['482619 ', '482619\n', '482 619', '٤٨٢٦١٩']) {
      server.asked.length = 0;
      expect(await tryPin(typed)).toBe('open');
      expect(server.asked).toHaveLength(assisted ? 2 : 0);
    }
  });

  it('costs a wrong PIN one try, and a second one only if it can be read in two ways', async () => {
    const { server, tryPin } = await old('482619');
    expect(await tryPin('482618')).toBe('DECRYPTION_FAILED');
    expect(server.asked).toHaveLength(assisted ? 1 : 0);
    expect(await tryPin('482 618')).toBe('DECRYPTION_FAILED');
    expect(server.asked).toHaveLength(assisted ? 3 : 0);
  });

  it('under other digits than it shows is not opened by what they mean', async () => {
    const { tryPin } = await old('٤٨٢٦١٩');
    expect(await tryPin('482619')).toBe('DECRYPTION_FAILED');
  });
});

describe.each(withServer)('a new slot (server’s help: $assisted)', ({ assisted }) => {
  it('says its form whatever the PIN, and takes one try', async () => {
    const server = new FakePinServer();
    const assist = assisted ? server.assist : null;
    for (const pin of ['482619', 'pa55-on', '٤٨٢ ٦١٩']) {
      const slot = await sealSlot(header, secretKey, { kind: 'pin', pin, assist }, argon2);
      const record = recordWith(slot as SecretSlot);
      expect(Object.keys((formatVaultRecord(record)['slots'] as object[])[0] ?? {}).at(-1)).toBe('pinForm');
      server.asked.length = 0;
      expect(await open(record, ` ${pin}`, assist)).toBe('open');
      expect(await open(record, `${pin}0`, assist)).toBe('DECRYPTION_FAILED');
      expect(server.asked).toHaveLength(assisted ? 2 : 0);
      server.asked.length = 0;
      expect(await open(record, '\u200b \n', assist)).toBe('DECRYPTION_FAILED');
      expect(server.asked).toEqual([]);
    }
  });

  it('whose member an older client dropped still opens', async () => {
    const { assist } = new FakePinServer();
    const given = assisted ? assist : null;
    const slot = await sealSlot(header, secretKey, { kind: 'pin', pin: '٤٨٢٦١٩', assist: given }, argon2);
    const { pinForm, ...dropped } = slot as SecretSlot;
    expect(pinForm).toBe(2);
    expect(await open(recordWith(dropped), '٤٨٢٦١٩', given)).toBe('open');
  });

  it.each(['      ', '1-----', '1.2.3', '\u200b'])('is not made of "%s"', async (pin) => {
    const server = new FakePinServer();
    const assist = assisted ? server.assist : null;
    await expect(sealSlot(header, secretKey, { kind: 'pin', pin, assist }, argon2)).rejects.toMatchObject({
      code: 'INVALID_PIN',
    });
    expect(server.asked).toEqual([]);
  });
});

it('a second try that finds no tries left asks about no older slot, which would raise an alarm', async () => {
  const server = new FakePinServer();
  const { assist } = server;
  const older = await oldPinSlot(header, secretKey, { pin: '739164', assist });
  const newer = await oldPinSlot(header, secretKey, { pin: '482619', assist });
  server.asked.length = 0;
  let answers = 0;
  const once: FakePinServer['assist'] = async (question) => {
    if (answers++ > 0) throw new ZkpAuthError('PIN_LOCKED');
    return assist(question);
  };
  expect(await open(recordWith(older, newer), '482 618', once)).toBe('PIN_LOCKED');
  expect(answers).toBe(2);
});

it('a key with an old PIN slot says so until the slot is renewed', async () => {
  const records = new MemoryRecordStore();
  const storage = new VaultKeyStorage(records, { argon2 });
  const name = { userId: 'alice', audience: 'https://api.example' };
  const active = recordWith(await oldPinSlot(header, secretKey, { pin: '482 619', assist: null }));
  await records.put(`${name.audience} ${name.userId}`, {
    ...name,
    active: formatVaultRecord(active),
    pending: [],
  });
  expect(await storage.listKeys()).toMatchObject([{ oldPinForm: true }]);
  const key = await storage.unlock(
    name,
    header.credentialId,
    { kind: 'pin', pin: '482 619', assist: null },
    'change-pin',
  );
  const { id } = await storage.addSlot(key, { kind: 'pin', pin: '482 619', assist: null });
  key.dispose();
  expect(await storage.listKeys()).toMatchObject([{ oldPinForm: true }]);
  await storage.settlePinSlot(name, header.credentialId, id);
  expect(await storage.listKeys()).toMatchObject([{ oldPinForm: false }]);
  (await storage.unlock(name, header.credentialId, { kind: 'pin', pin: '٤٨٢٦١٩', assist: null })).dispose();
});
