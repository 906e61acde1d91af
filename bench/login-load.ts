import { createHash, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { Pool } from 'undici';
import { buildMessage, credentialIdOf, loginContext, registerContext } from '@zkp-auth/core';
import { stayAwake } from './stay-awake.ts';

export const origin = 'https://app.example';
export const audience = 'https://api.example';

/** Requests under way at once. */
const lanes = 32;

/** A blinded PIN. The server treats all alike, so the load makes one only. */
const blinded = Buffer.from(ristretto255_oprf.oprf.blind(Buffer.from('482913')).blinded).toString(
  'base64url',
);

/**
 * The key that a session is bound to, and its DPoP proofs. All logins of an account share one, because making a key
 * is the client's work.
 */
export class SessionKey {
  readonly thumbprint: Buffer;
  readonly #privateKey;
  readonly #header: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
    const jwk = { crv, kty, x, y };
    this.#privateKey = privateKey;
    this.#header = base64url(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk }));
    this.thumbprint = createHash('sha256').update(JSON.stringify(jwk)).digest();
  }

  /** @param request the claims of the proof that name its request. */
  proof(request: { htm: string; htu: string; ath?: string }, nonce: string | undefined): string {
    const claims = { jti: randomUUID(), ...request, iat: Math.floor(Date.now() / 1000), nonce };
    const input = `${this.#header}.${base64url(JSON.stringify(claims))}`;
    const key = { key: this.#privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/**
 * An account that signs in as fast as the server allows. The key is an ordinary Ed25519 key. Its signatures satisfy
 * the proof's equation, and native signatures leave the load to the server.
 */
class Account {
  readonly session = new SessionKey();
  readonly userId: string;
  readonly privateKey = generateKeyPairSync('ed25519').privateKey;
  readonly publicKey: Uint8Array;
  readonly credentialId: string;
  /** In base64url, as the server drew it. */
  pinId: string | undefined;

  constructor(userId: string) {
    this.userId = userId;
    this.publicKey = createPublicKey(this.privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
    this.credentialId = credentialIdOf(this.publicKey);
  }
}

/** A session, and the account whose key it may be bound to. */
export interface SignedIn {
  token: string;
  key: SessionKey;
}

/** Several requests are under way at once. Each lane has its own accounts, because a PIN's tries are counted. */
export class LoginLoad {
  readonly #pool: Pool;
  readonly #bound: boolean;
  readonly #accounts: readonly Account[];
  #nonce: string | undefined;

  /**
   * @param bound whether sessions are bound to a key, by a DPoP proof with each login.
   * @param accounts their number, at least as many as lanes.
   */
  constructor(port: number, bound: boolean, accounts: number = lanes) {
    this.#bound = bound;
    this.#accounts = Array.from({ length: accounts }, (_, n) => new Account(`user-${n}`));
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { connections: lanes });
  }

  /** The first session of each account. */
  async register(): Promise<SignedIn[]> {
    return this.#ofEach(async (account) => {
      const fields = await this.#prove(account, 'register');
      const publicKey = Buffer.from(account.publicKey).toString('base64url');
      const body = { ...fields, publicKey, pin: { id: account.pinId } };
      const key = this.#bound ? account.session : undefined;
      const { token } = await this.#post('/auth/register', body, 201, key);
      return { token: String(token), key: account.session };
    });
  }

  /** New sessions, for each account in turn. */
  async signIn(count: number): Promise<SignedIn[]> {
    return this.#ofEach(
      async (account) => ({ token: await this.#login(account), key: account.session }),
      count,
    );
  }

  /** Log in for a while. Gives the number of logins. */
  async logins(forMs: number): Promise<number> {
    const started = performance.now();
    let logins = 0;
    const run = async (account: Account): Promise<void> => {
      while (performance.now() - started < forMs) {
        await this.#login(account);
        logins++;
      }
    };
    await stayAwake(Promise.all(this.#accounts.slice(0, lanes).map(run)));
    return logins;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Run for each account in turn, and again if `times` exceeds the number of accounts. */
  async #ofEach<T>(
    run: (account: Account) => Promise<T>,
    times: number = this.#accounts.length,
  ): Promise<T[]> {
    const results: T[] = [];
    while (results.length < times) {
      const from = results.length % this.#accounts.length;
      const count = Math.min(lanes, times - results.length);
      results.push(...(await Promise.all(this.#accounts.slice(from, from + count).map(run))));
    }
    return results;
  }

  async #login(account: Account): Promise<string> {
    const fields = await this.#prove(account, 'login');
    const body = { ...fields, credentialId: account.credentialId };
    const { token } = await this.#post('/auth/verify', body, 200, this.#bound ? account.session : undefined);
    if (typeof token !== 'string') throw new Error('a login gave no token');
    return token;
  }

  async #prove(account: Account, purpose: 'register' | 'login'): Promise<Record<string, string>> {
    const { userId, credentialId, publicKey } = account;
    const bound = { userId, origin, audience };
    const named = account.pinId === undefined ? {} : { id: account.pinId };
    const request = { purpose, userId, credentialId, pin: { ...named, blinded } };
    const answer = await this.#post('/auth/challenge', request, 200);
    const { challengeId, challenge, pin } = answer as {
      challengeId: string;
      challenge: string;
      pin: { id: string; evaluated: string };
    };
    if (pin.evaluated.length !== 43) throw new Error('the PIN was not evaluated');
    account.pinId = pin.id;
    const bindings = this.#bound ? { sessionKey: account.session.thumbprint } : {};
    const message = buildMessage({
      ...bound,
      purpose,
      credentialId,
      challengeId,
      challenge: Buffer.from(challenge, 'base64url'),
      context:
        purpose === 'login'
          ? loginContext(bindings)
          : registerContext({ publicKey, pinId: Buffer.from(pin.id, 'base64url'), ...bindings }),
    });
    return {
      ...bound,
      challengeId,
      ...(this.#bound ? { sessionKey: account.session.thumbprint.toString('base64url') } : {}),
      proof: sign(null, message, account.privateKey).toString('base64url'),
      // For the floor, which builds no message itself. The product ignores it.
      message: Buffer.from(message).toString('base64url'),
    };
  }

  async #post(
    path: string,
    body: object,
    expected: number,
    key?: SessionKey,
  ): Promise<Record<string, unknown>> {
    const proof =
      key === undefined ? {} : { dpop: key.proof({ htm: 'POST', htu: audience + path }, this.#nonce) };
    const {
      statusCode,
      headers,
      body: answer,
    } = await this.#pool.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, ...proof },
      body: JSON.stringify(body),
    });
    this.#nonce = (headers['dpop-nonce'] as string | undefined) ?? this.#nonce;
    const json = (await answer.json()) as Record<string, unknown>;
    if (statusCode !== expected) throw new Error(`${path} answered ${statusCode}: ${JSON.stringify(json)}`);
    return json;
  }
}
