import { createHash } from 'node:crypto';
import { encodeBase64url } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { exportPinSecrets, generatePinSecrets, importPinSecrets, withNewSecret } from './pin-secrets.js';

const invalid = expect.objectContaining({ code: 'KEY_FILE_INVALID' });

describe('PIN secrets', () => {
  it('are 32 random bytes, under an id that is made from them', () => {
    const [a, b] = [generatePinSecrets(), generatePinSecrets()];
    expect(a.active.bytes).toHaveLength(32);
    expect(a.active.id).not.toBe(b.active.id);
    const digest = createHash('sha256').update('zkp-auth/pin-secret').update(a.active.bytes).digest();
    expect(a.active.id).toBe(digest.subarray(0, 16).toString('base64url'));
  });

  it('come back from their export as they were, the last one active', () => {
    const ring = withNewSecret(withNewSecret(generatePinSecrets()));
    const read = importPinSecrets(exportPinSecrets(ring));
    expect(read.all.map(({ id }) => id)).toEqual(ring.all.map(({ id }) => id));
    expect(read.all.map(({ bytes }) => encodeBase64url(bytes))).toEqual(
      ring.all.map(({ bytes }) => encodeBase64url(bytes)),
    );
    expect(read.active.id).toBe(ring.active.id);
    expect(read.all.at(-1)).toBe(read.active);
  });

  it('are taken with a byte order mark before them, as files and secret managers may have it', () => {
    const text = exportPinSecrets(generatePinSecrets());
    expect(importPinSecrets(`\uFEFF${text}`).active.id).toBe(importPinSecrets(text).active.id);
  });

  it('that are refused say why', () => {
    expect(() => importPinSecrets('')).toThrow('cannot be used: their text is missing.');
    expect(() => importPinSecrets('[]')).toThrow('cannot be used: not a version 1 ring of PIN secrets.');
  });

  const [first, second] = [generatePinSecrets().active, generatePinSecrets().active];
  const entry = (id: string, bytes: Uint8Array) => ({ id, secret: encodeBase64url(bytes) });
  const ring = (...secrets: unknown[]) => JSON.stringify({ zkpAuthPinSecrets: 1, secrets });
  const good = entry(first.id, first.bytes);

  it.each([
    ['nothing', ''],
    ['no JSON', exportPinSecrets(generatePinSecrets()).slice(0, -20)],
    ['no object', 'null'],
    ['another version', JSON.stringify({ zkpAuthPinSecrets: 2, secrets: [good] })],
    ['no list', JSON.stringify({ zkpAuthPinSecrets: 1, secrets: good })],
    ['an empty ring', ring()],
    ['something else in the ring', ring(good, null)],
    ['a secret under another’s id', ring(entry(second.id, first.bytes))],
    ['a secret without an id', ring({ secret: good.secret })],
    ['a secret that is too short', ring(entry(first.id, first.bytes.subarray(1)))],
    ['a secret with padding', ring({ ...good, secret: `${good.secret}=` })],
    ['a secret twice', ring(good, good)],
  ])('a ring of %s is refused, and no secret is told', (_, text) => {
    expect(() => importPinSecrets(text)).toThrow(invalid);
    try {
      importPinSecrets(text);
    } catch (error) {
      const { message, cause } = error as Error;
      const told = `${message} ${(cause as Error).message} ${(cause as Error).stack}`;
      for (const part of [good.secret, good.secret.slice(0, 8), text.slice(-12)]) {
        if (part !== '' && part.length > 4) expect(told).not.toContain(part);
      }
    }
  });
});
