import { createHash } from 'node:crypto';
import { type CryptoKey, exportJWK, SignJWT } from 'jose';
import { startSessionServer } from './session-server.js';
import type { SessionKey, TestBrowser } from './test-browser.js';
import { audience } from './test-client.js';

export const path = '/api/notes';

/** The changes that a test makes to an otherwise honest proof. */
export interface ProofChange {
  header?: object;
  claims?: object;
  signWith?: CryptoKey | Uint8Array;
}

/** A proof for `GET /api/notes` with this access token, as RFC 9449 has it, with the given changes. */
export async function proofOf(browser: TestBrowser, change: ProofChange = {}): Promise<string> {
  const { pair } = browser.key as SessionKey;
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  const claims = {
    jti: 'one',
    htm: 'GET',
    htu: audience + path,
    iat: 1,
    nonce: browser.nonce,
    ath: createHash('sha256').update(browser.current.token).digest('base64url'),
    ...change.claims,
  };
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y }, ...change.header };
  return new SignJWT(claims).setProtectedHeader(header as never).sign(change.signWith ?? pair.privateKey);
}

/** A server that needs a proof with every request, and a browser with alice signed in. */
export async function startDpopServer() {
  const server = await startSessionServer({ sessions: { dpop: 'requests' } });
  const browser = await server.signIn();
  const open = async (proof: string | undefined, facts: object = {}) =>
    server.auth.authenticate({
      ...(await browser.facts('GET', path)),
      authorization: `DPoP ${browser.current.token}`,
      dpop: proof,
      ...facts,
    });
  return { ...server, browser, open };
}
