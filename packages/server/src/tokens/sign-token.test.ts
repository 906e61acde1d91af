import { generateKeyPair, jwtVerify } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { generateSigningKeys } from '../index.js';
import { signingAlgorithms } from '../keys/stored-key.js';
import { signToken } from './sign-token.js';

const claims = { sub: 'Zoë 🗝', 'https://app.example/claim': ['a', 1, null], iat: 1_800_000_000 };
const typ = 'at+jwt';

describe.each(signingAlgorithms)('a token under %s', (alg) => {
  const algorithms = [alg];

  it('is what jose verifies, signed by a key of a ring', async () => {
    const key = (await generateSigningKeys({ alg })).active();
    const subtle = vi.spyOn(crypto.subtle, 'sign');
    const token = await signToken(key, typ, claims);
    expect(subtle, 'no other thread has signed it').not.toHaveBeenCalled();
    subtle.mockRestore();
    const { payload, protectedHeader } = await jwtVerify(token, key.publicKey, { algorithms });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg, kid: key.kid, typ });
  });

  it('is the same by a key that may not leave Web Crypto', async () => {
    const key = { kid: 'k', alg, ...(await generateKeyPair(alg)) };
    expect(key.privateKey.extractable).toBe(false);
    const token = await signToken(key, typ, claims);
    const { payload, protectedHeader } = await jwtVerify(token, key.publicKey, { algorithms });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg, kid: 'k', typ });
  });

  it('is refused by another key', async () => {
    const [key, other] = [await generateSigningKeys({ alg }), await generateSigningKeys({ alg })];
    const token = await signToken(key.active(), typ, claims);
    await expect(jwtVerify(token, other.active().publicKey, { algorithms })).rejects.toThrow(/signature/);
  });
});
