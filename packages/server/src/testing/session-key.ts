import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

/** The request that a DPoP proof covers (RFC 9449 section 4.2). */
export interface ProvenTarget {
  method: string;
  /** The full address, without a query. */
  target: string;
  nonce: string | undefined;
  token: string | undefined;
}

/** The key of a session, as an honest browser has it. */
export interface SessionKey {
  /** RFC 7638 thumbprint, 32 bytes in base64url. */
  thumbprint: string;
  /** A DPoP proof. */
  prove(request: ProvenTarget): Promise<string>;
}

/** Generate a key on the curve P-256. */
export async function newSessionKey(): Promise<SessionKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    prove: ({ method, target, nonce, token }) => {
      const [htu] = target.split('?', 1);
      const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
      return new SignJWT({ htm: method, htu, jti: randomUUID(), nonce, ...ath })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey);
    },
  };
}
