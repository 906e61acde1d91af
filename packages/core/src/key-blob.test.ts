import { describe, expect, it } from 'vitest';
import { record } from '../test/vault-record.js';
import { formatKeyBlob, parseKeyBlob } from './key-blob.js';
import type { SecretSlot, VaultRecord } from './vault-record.js';

const versionOne = {
  version: 1,
  pubKeyHex: '07'.repeat(32),
  saltB64: Buffer.alloc(16, 1).toString('base64'),
  ivB64: Buffer.alloc(12, 2).toString('base64'),
  ctB64: Buffer.alloc(48, 3).toString('base64'),
};
const bytesOf = (blob: string): Buffer => Buffer.from(blob);
const damaged = expect.objectContaining({ code: 'INVALID_KEY_BLOB' });

describe('a blob of this version', () => {
  const blob = formatKeyBlob(record);

  it('comes back as it was', () => {
    expect(parseKeyBlob(blob)).toEqual({ version: 2, record });
    expect(parseKeyBlob(JSON.stringify(JSON.parse(blob)))).toEqual({ version: 2, record });
  });

  it('that another implementation wrote, without a checksum, is read', () => {
    const { check, ...rest } = JSON.parse(blob) as Record<string, unknown>;
    expect(check).toMatch(/^[\w-]{22}$/);
    expect(parseKeyBlob(JSON.stringify(rest))).toEqual({ version: 2, record });
  });

  it('has the checksum that it has without the form of its PIN, which older readers do not know', () => {
    const checkOf = (of: VaultRecord): unknown => (JSON.parse(formatKeyBlob(of)) as { check: unknown }).check;
    const slots = record.slots.map((slot) => {
      const { pinForm: _, ...rest } = slot as SecretSlot;
      return rest;
    });
    expect(slots).not.toEqual(record.slots);
    expect(checkOf({ ...record, slots })).toBe(checkOf(record));
  });

  describe('may ask for no more work than a person waits for', () => {
    const [pinSlot, passkeySlot] = record.slots as [SecretSlot, VaultRecord['slots'][number]];
    const slotOf = (m: number, t: number): SecretSlot => ({
      ...pinSlot,
      kdf: { ...pinSlot.kdf, m, t, p: 1 },
    });
    const blobOf = (...slots: VaultRecord['slots']): string => formatKeyBlob({ ...record, slots });

    it.each([
      ['all the memory there may be, in two passes', [slotOf(1_048_576, 2)]],
      ['all the passes there may be, over the default memory', [slotOf(65_536, 16)]],
      ['as much over several slots', [slotOf(524_288, 2), slotOf(65_536, 8), slotOf(65_536, 8)]],
      ['eight slots, and others that cost nothing', [...Array<SecretSlot>(8).fill(pinSlot), passkeySlot]],
    ])('%s is read', (_, slots) => {
      expect(parseKeyBlob(blobOf(...slots)).version).toBe(2);
    });

    it.each([
      ['a gigabyte in sixteen passes', [slotOf(1_048_576, 16)]],
      ['a gigabyte in three', [slotOf(1_048_576, 3)]],
      ['a little too much over several slots', [slotOf(1_048_576, 2), slotOf(19_456, 2)]],
      ['nine slots of the least cost', Array<SecretSlot>(9).fill(slotOf(19_456, 2))],
      ['a gigabyte in sixteen passes, 32 times', Array<SecretSlot>(32).fill(slotOf(1_048_576, 16))],
    ])('%s is refused before anything is derived', (_, slots) => {
      const refused = { code: 'INVALID_KEY_BLOB', message: 'Opening this key file would cost too much.' };
      expect(() => parseKeyBlob(blobOf(...slots))).toThrow(expect.objectContaining(refused));
    });
  });

  it('is refused with a member in a slot that is none of its kind', () => {
    const changed = (at: number, change: object): string => {
      const json = JSON.parse(blob) as { slots: object[] };
      json.slots[at] = { ...json.slots[at], ...change };
      return JSON.stringify(json);
    };
    for (const text of [
      changed(0, { pinform: 2 }),
      changed(0, { transports: [] }),
      changed(1, { pinForm: 2 }),
    ]) {
      expect(() => parseKeyBlob(text)).toThrow(damaged);
    }
  });

  it('is read with the byte order mark that editors put before it', () => {
    expect(parseKeyBlob(`\ufeff${blob}`)).toEqual({ version: 2, record });
    expect(() => parseKeyBlob(`\ufeff\ufeff${blob}`)).toThrow(damaged);
  });

  it('is refused when cut short anywhere', () => {
    const end = blob.trimEnd().length;
    for (let length = 0; length < end; length++) {
      expect(() => parseKeyBlob(blob.slice(0, length))).toThrow(damaged);
    }
  });

  it('is refused with any bit of it flipped, and with any byte inverted', () => {
    const bytes = bytesOf(blob.trimEnd());
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const spoilt = Buffer.from(bytes);
        spoilt[at] = (spoilt[at] as number) ^ mask;
        expect(() => parseKeyBlob(spoilt.toString()), `byte ${at} ^ ${mask}`).toThrow(damaged);
      }
    }
  });

  it('too long to be one is not read', () => {
    expect(() => parseKeyBlob(' '.repeat(65_536) + blob)).toThrow(damaged);
  });
});

describe('a first-generation blob', () => {
  const blob = JSON.stringify(versionOne);

  it('is read', () => {
    expect(parseKeyBlob(blob)).toEqual({
      version: 1,
      blob: {
        publicKey: record.publicKey,
        salt: new Uint8Array(16).fill(1),
        iv: new Uint8Array(12).fill(2),
        ct: new Uint8Array(48).fill(3),
      },
    });
  });

  it('is refused when cut short, and with a part that is missing, of another length or another encoding', () => {
    for (let length = 0; length < blob.length; length++) {
      expect(() => parseKeyBlob(blob.slice(0, length))).toThrow(damaged);
    }
    for (const name of ['pubKeyHex', 'saltB64', 'ivB64', 'ctB64']) {
      for (const bad of [undefined, null, 7, '', 'AAAA', '=', 'z'.repeat(60), '0'.repeat(60)]) {
        expect(() => parseKeyBlob(JSON.stringify({ ...versionOne, [name]: bad }))).toThrow(damaged);
      }
    }
  });
});

it.each(['zz'.repeat(32), '0A'.repeat(32)])('a first-generation key id of %s is refused', (pubKeyHex) => {
  expect(() => parseKeyBlob(JSON.stringify({ ...versionOne, pubKeyHex }))).toThrow(damaged);
});

it.each(['', 'null', '[]', '7', '{}', '{"version":3}', '{"zkpAuthVault":3}'])('%s is no blob', (text) => {
  expect(() => parseKeyBlob(text)).toThrow(damaged);
});

it('what is no text is misuse', () => {
  expect(() => parseKeyBlob(7 as never)).toThrow(TypeError);
});
