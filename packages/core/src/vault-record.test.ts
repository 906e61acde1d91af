import { describe, expect, it } from 'vitest';
import { credentialIdOf } from './credential-id.js';
import { generateKeyPair } from './generate-key-pair.js';
import {
  assertArgon2Parameters,
  formatVaultRecord,
  parseVaultRecord,
  type PasskeySlot,
  type SecretSlot,
  slotAdditionalData,
  type VaultRecord,
} from './vault-record.js';

const { publicKey } = generateKeyPair();
const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);
const record: VaultRecord = {
  userId: 'alice',
  audience: 'https://api.example',
  credentialId: credentialIdOf(publicKey),
  publicKey,
  createdAt: '2026-01-02T03:04:05.678Z',
  slots: [
    {
      kind: 'pin',
      kdf: { m: 65_536, t: 3, p: 1, salt: bytes(16) },
      pinId: null,
      iv: bytes(12),
      ct: bytes(48),
    },
    {
      kind: 'pin',
      kdf: { m: 19_456, t: 2, p: 1, salt: bytes(16) },
      pinId: bytes(16),
      iv: bytes(12),
      ct: bytes(48),
      pinForm: 2,
    },
    {
      kind: 'passphrase',
      kdf: { m: 65_536, t: 3, p: 1, salt: bytes(16) },
      pinId: null,
      iv: bytes(12),
      ct: bytes(48),
    },
    { kind: 'passkey', passkeyId: bytes(20), salt: bytes(32), iv: bytes(12), ct: bytes(48) },
    {
      kind: 'passkey',
      passkeyId: bytes(20, 2),
      salt: bytes(32),
      iv: bytes(12),
      ct: bytes(48),
      transports: ['internal', 'hybrid'],
    },
    { kind: 'unknown', json: { kind: 'tpm', anything: [1, { two: 2 }] } },
  ],
};
type Json = Record<string, any>;
const json = (): Json => structuredClone(formatVaultRecord(record)) as Json;

describe('a vault record', () => {
  it('comes back as it was, slots of unknown kinds included', () => {
    expect(parseVaultRecord(JSON.parse(JSON.stringify(formatVaultRecord(record))))).toEqual(record);
  });

  it.each([
    ['another version', (r: Json) => (r['zkpAuthVault'] = 1)],
    ['no version', (r: Json) => delete r['zkpAuthVault']],
    ['a short public key', (r: Json) => (r['publicKey'] = 'AAAA')],
    ['the credential id of another key', (r: Json) => (r['credentialId'] = credentialIdOf(bytes(32)))],
    ['an invalid user id', (r: Json) => (r['userId'] = ' alice')],
    ['an invalid audience', (r: Json) => (r['audience'] = 'http://api.example')],
    ['a date that is none', (r: Json) => (r['createdAt'] = '2026-13-40T00:00:00Z')],
    ['a date in words', (r: Json) => (r['createdAt'] = 'yesterday')],
    ['no slots', (r: Json) => (r['slots'] = [])],
    ['too many slots', (r: Json) => (r['slots'] = Array(33).fill(r['slots'][0]))],
    ['slots that are no list', (r: Json) => (r['slots'] = {})],
    ['too little memory', (r: Json) => (r['slots'][0].kdf.m = 19_455)],
    ['a memory bomb', (r: Json) => (r['slots'][0].kdf.m = 1_048_577)],
    ['too few passes', (r: Json) => (r['slots'][0].kdf.t = 1)],
    ['endless passes', (r: Json) => (r['slots'][0].kdf.t = 17)],
    ['two lanes', (r: Json) => (r['slots'][0].kdf.p = 2)],
    ['fractional memory', (r: Json) => (r['slots'][0].kdf.m = 65_536.5)],
    ['another derivation', (r: Json) => (r['slots'][0].kdf.name = 'scrypt')],
    ['a short salt', (r: Json) => (r['slots'][0].kdf.salt = 'AAAA')],
    ['a short iv', (r: Json) => (r['slots'][0].iv = 'AAAA')],
    ['a ciphertext without its tag', (r: Json) => (r['slots'][0].ct = 'A'.repeat(43))],
    ['no word on server assistance', (r: Json) => delete r['slots'][0].oprf],
    ['a passphrase slot with server assistance', (r: Json) => (r['slots'][2].oprf = r['slots'][1].oprf)],
    ['an empty passkey id', (r: Json) => (r['slots'][3].passkeyId = '')],
    ['a slot without a kind', (r: Json) => delete r['slots'][0].kind],
  ])('is refused with %s', (_, spoil) => {
    const value = json();
    spoil(value);
    expect(() => parseVaultRecord(value)).toThrow(expect.objectContaining({ code: 'INVALID_KEY_BLOB' }));
  });

  it('is read at any cost within the bounds: it may have been written before they had a product', () => {
    const value = json();
    Object.assign(value['slots'][0].kdf, { m: 1_048_576, t: 16 });
    expect(parseVaultRecord(value).slots[0]).toMatchObject({ kdf: { m: 1_048_576, t: 16 } });
  });

  it.each([null, 'text', 7, [], undefined])('is not %j', (value) => {
    expect(() => parseVaultRecord(value)).toThrow(expect.objectContaining({ code: 'INVALID_KEY_BLOB' }));
  });

  it('says the form of a PIN and how a passkey is reached behind the other members of their slots', () => {
    const names = (json()['slots'] as object[]).map((slot) => Object.keys(slot).join());
    expect(names.slice(1, 5)).toEqual([
      'kind,kdf,oprf,iv,ct,pinForm',
      'kind,kdf,oprf,iv,ct',
      'kind,passkeyId,salt,iv,ct',
      'kind,passkeyId,salt,iv,ct,transports',
    ]);
  });

  it.each([1, 3, '2', null, true])(
    'keeps a PIN slot of form %j untouched: it is of another version',
    (pinForm) => {
      const value = json();
      value['slots'][1].pinForm = pinForm;
      const read = parseVaultRecord(value);
      expect(read.slots[1]).toEqual({ kind: 'unknown', json: value['slots'][1] });
      expect(formatVaultRecord(read)).toEqual(value);
    },
  );

  it('reads what it can of how a passkey is reached, and no more than eight of it', () => {
    const read = (transports: unknown): unknown => {
      const value = json();
      value['slots'][4].transports = transports;
      return (parseVaultRecord(value).slots[4] as PasskeySlot).transports;
    };
    expect(read(['usb', 7, '', 'NFC', 'x'.repeat(33), 'smart-card', null])).toEqual(['usb', 'smart-card']);
    expect(read(Array(100).fill('ble'))).toHaveLength(8);
    for (const none of ['usb', {}, null, [], [[]], 7]) expect(read(none)).toBeUndefined();
  });

  it('binds every field of its own and of the slot into the additional data', () => {
    const slot = record.slots[1] as SecretSlot;
    const seen = [
      slotAdditionalData(record, slot),
      slotAdditionalData({ ...record, userId: 'bob' }, slot),
      slotAdditionalData({ ...record, audience: 'https://other.example' }, slot),
      slotAdditionalData({ ...record, publicKey: bytes(32) }, slot),
      slotAdditionalData(record, { ...slot, kind: 'passphrase' }),
      slotAdditionalData(record, { ...slot, pinId: null }),
      slotAdditionalData(record, { ...slot, kdf: { ...slot.kdf, m: 19_457 } }),
      slotAdditionalData(record, { ...slot, kdf: { ...slot.kdf, t: 3 } }),
      slotAdditionalData(record, { ...slot, kdf: { ...slot.kdf, salt: bytes(16, 2) } }),
    ].map((aad) => Buffer.from(aad).toString('hex'));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('the cost of new slots', () => {
  it.each([
    { m: 65_536, t: 3, p: 1 },
    { m: 19_456, t: 2, p: 1 },
    { m: 1_048_576, t: 2, p: 1 },
    { m: 131_072, t: 16, p: 1 },
  ] as const)('%j will do', (argon2) => {
    assertArgon2Parameters(argon2);
  });

  it.each([
    { m: 1_048_576, t: 3, p: 1 },
    { m: 131_073, t: 16, p: 1 },
    { m: 19_455, t: 2, p: 1 },
  ] as const)('%j is misuse: a blob of it could not be imported', (argon2) => {
    expect(() => assertArgon2Parameters(argon2)).toThrow(TypeError);
  });
});
