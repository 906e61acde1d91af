import { readFileSync } from 'node:fs';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { newChallenge } from './fake-pin-server.js';
import { MemoryKeyStorage, type SlotSecret, type UnlockedKey } from '../src/index.js';
import { readRecoveryWords, recoveryWordsOf } from '../src/passphrases/recovery-words.js';
import { normalizePin } from '../src/pins/pin.js';
import { pinInForm2 } from '../src/pins/pin-form.js';
import { blindPin } from '../src/vault/blind-pin.js';

// The published vectors of the vault's operations, read from their files.

const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../docs/vectors/${name}`, import.meta.url), 'utf8'));
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const { oprf } = ristretto255_oprf;

interface Evaluation {
  pinId: string;
  scalar: string;
  blind: string;
  blinded: string;
  evaluated: string;
  output: string;
}

describe('pin.json', () => {
  const { pin, pinNfkcUtf8, evaluations } = load('pin.json') as {
    pin: string;
    pinNfkcUtf8: string;
    evaluations: Evaluation[];
  };

  it.each(evaluations)('pinId $pinId', async (row) => {
    expect(hex(Buffer.from(pin.normalize('NFKC')))).toBe(pinNfkcUtf8);
    expect(hex(oprf.blindEvaluate(bytes(row.scalar), bytes(row.blinded)))).toBe(row.evaluated);
    expect(hex(oprf.finalize(bytes(pinNfkcUtf8), bytes(row.blind), bytes(row.evaluated)))).toBe(row.output);
    const own = await blindPin(normalizePin(pin));
    expect(hex(await own.finalize(oprf.blindEvaluate(bytes(row.scalar), own.blinded)))).toBe(row.output);
  });
});

describe('recovery.json', () => {
  const { kits, typed } = load('recovery.json') as {
    kits: { entropy: string; words: string }[];
    typed: { comment: string; text: string; entropy?: string; reason?: string; wordNumber?: number }[];
  };

  it.each(kits)('$words', ({ entropy, words }) => {
    expect(recoveryWordsOf(bytes(entropy))).toBe(words);
    expect(hex(readRecoveryWords(words))).toBe(entropy);
  });

  it.each(typed)('typed: $comment', ({ text, entropy, reason, wordNumber }) => {
    if (entropy !== undefined) expect(hex(readRecoveryWords(text))).toBe(entropy);
    else
      expect(() => readRecoveryWords(text)).toThrow(
        expect.objectContaining({
          code: 'INVALID_RECOVERY_WORDS',
          reason,
          ...(wordNumber === undefined ? {} : { wordNumber }),
        }),
      );
  });
});

describe('pin-form.json', () => {
  const { pins, secretKey, blobPin, evaluation, blob } = load('pin-form.json') as {
    pins: { comment: string; pin: string; pinUtf8: string; form: string; formUtf8: string }[];
    secretKey: string;
    blobPin: string;
    evaluation: Evaluation;
    blob: { userId: string; audience: string };
  };

  it.each(pins)('$comment', ({ pin, pinUtf8, form, formUtf8 }) => {
    expect(hex(Buffer.from(pin))).toBe(pinUtf8);
    expect(pinInForm2(pin)).toBe(form);
    expect(hex(Buffer.from(form))).toBe(formUtf8);
  });

  it('the blob opens by its PIN in this form, and by no other', async () => {
    const { publicKeyOf } = await import('@zkp-auth/core');
    const asked: string[] = [];
    const assist = async ({ pinId, blinded }: { pinId: Uint8Array | null; blinded: Uint8Array }) => {
      asked.push(hex(pinId as Uint8Array));
      const evaluated = oprf.blindEvaluate(bytes(evaluation.scalar), blinded);
      return { pinId: pinId as Uint8Array, evaluated, challenge: newChallenge() };
    };
    const storage = new MemoryKeyStorage();
    const open = (pin: string) =>
      storage.importBlob(JSON.stringify(blob), { kind: 'pin', pin, assist }, blob);
    for (const pin of [blobPin, '482619']) {
      const key = await open(pin);
      expect(hex(key.publicKey)).toBe(hex(publicKeyOf(bytes(secretKey))));
      key.dispose();
    }
    await expect(open('482618')).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    expect(asked).toEqual(Array(3).fill(evaluation.pinId));
  });
});

describe('key-slots.json', () => {
  const { secretKey, passphrase, prfOutput, blob, versionOnePin, versionOneBlob } = load('key-slots.json');
  const { pin, evaluations } = load('pin.json') as { pin: string; evaluations: [Evaluation] };
  const name = { userId: blob.userId as string, audience: blob.audience as string };
  const storage = new MemoryKeyStorage();
  const assist = async ({ pinId, blinded }: { pinId: Uint8Array | null; blinded: Uint8Array }) => ({
    pinId: pinId as Uint8Array,
    evaluated: oprf.blindEvaluate(bytes(evaluations[0].scalar), blinded),
    challenge: newChallenge(),
  });
  const passkey = (blob.slots as { kind: string; passkeyId: string; salt: string }[])[2];
  const secrets: [string, unknown, SlotSecret][] = [
    ['a PIN slot', blob, { kind: 'pin', pin, assist }],
    ['a passphrase slot', blob, { kind: 'passphrase', passphrase }],
    [
      'a passkey slot',
      blob,
      {
        kind: 'passkey',
        passkeyId: Uint8Array.from(Buffer.from(passkey?.passkeyId ?? '', 'base64url')),
        salt: Uint8Array.from(Buffer.from(passkey?.salt ?? '', 'base64url')),
        prfOutput: bytes(prfOutput),
      },
    ],
    ['a first-generation blob', versionOneBlob, { kind: 'pin', pin: versionOnePin, assist: null }],
  ];

  it.each(secrets)('%s opens to the secret', async (_, json, secret) => {
    const key: UnlockedKey = await storage.importBlob(JSON.stringify(json), secret, name);
    const { publicKeyOf } = await import('@zkp-auth/core');
    expect(hex(key.publicKey)).toBe(hex(publicKeyOf(bytes(secretKey))));
    key.dispose();
  });
});
