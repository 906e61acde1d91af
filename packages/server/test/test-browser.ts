import type { KeyPair, SessionResponse } from '@zkp-auth/core';
import { parseSetCookie, stringifyCookie } from 'cookie';
import { calculateThumbprint, generateKeyPair, generateProof, type KeyPair as DpopKeyPair } from 'dpop';
import { isZkpAuthError } from '../src/index.js';
import { type Attempt, audience, origin, proofBody } from './test-client.js';
import type { TestAuth, TestCalls, TestFacts } from './test-auth.js';

export interface SessionKey {
  pair: DpopKeyPair;
  /** The RFC 7638 thumbprint, in base64url. */
  thumbprint: string;
}

export async function newSessionKey(alg: 'ES256' | 'Ed25519' = 'ES256'): Promise<SessionKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { pair, thumbprint: await calculateThumbprint(pair.publicKey) };
}

/** The routes that a browser uses, by calls or over HTTP. */
export interface BrowserAuth {
  calls: Pick<TestCalls, 'challenge' | 'register' | 'verify' | 'refresh' | 'signOut'>;
}

/** The changes that a test makes to an otherwise honest request. */
export interface RequestChange {
  /** Replace the facts of an honest browser. `undefined` sends nothing. */
  facts?: TestFacts;
  body?: Record<string, unknown>;
  /** Signs the DPoP proof instead of the session's key. */
  key?: SessionKey;
}

/** An honest browser. It keeps cookies, the server's nonce, its session's key, and its last session. */
export class TestBrowser<Auth extends BrowserAuth = TestAuth> {
  readonly auth: Auth;
  readonly key: SessionKey | null;
  readonly site: { origin: string; audience: string };
  readonly cookies = new Map<string, string>();
  /** The headers of the last answer. */
  headers: [name: string, value: string][] = [];
  nonce: string | undefined;
  session: SessionResponse | undefined;

  constructor(auth: Auth, key: SessionKey | null, site = { origin, audience }) {
    this.auth = auth;
    this.key = key;
    this.site = site;
  }

  get current(): SessionResponse {
    if (this.session === undefined) throw new Error('nobody is signed in');
    return this.session;
  }

  /** The facts of a request by this browser's page. */
  async facts(
    method: string,
    path: string,
    change: RequestChange & { accessToken?: string } = {},
  ): Promise<TestFacts> {
    const { accessToken } = change;
    const key = change.key ?? this.key;
    this.headers = [];
    return {
      origin: this.site.origin,
      fetchSite: 'same-site',
      method,
      path,
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
      ...(key === null
        ? {}
        : {
            dpop: await generateProof(key.pair, this.site.audience + path, method, this.nonce, accessToken),
          }),
      ...(this.cookies.size === 0 ? {} : { cookie: stringifyCookie(Object.fromEntries(this.cookies)) }),
      setHeader: (name, value) => this.#take(name, value),
      ...change.facts,
    };
  }

  async register(userId: string, keys: KeyPair, attempt: Attempt = {}): Promise<SessionResponse> {
    const body = await this.#proofBody('register', userId, { keys, ...attempt });
    const facts = await this.facts('POST', '/auth/register', attempt);
    this.session = await this.auth.calls.register(body, facts);
    return this.session;
  }

  async login(userId: string, keys: KeyPair, attempt: Attempt = {}): Promise<SessionResponse> {
    const body = await this.#proofBody('login', userId, { keys, ...attempt });
    this.session = await this.auth.calls.verify(body, await this.facts('POST', '/auth/verify', attempt));
    return this.session;
  }

  /** Refresh the current session. If the facts are changed, this browser keeps its old session. */
  async refresh(change: RequestChange = {}): Promise<SessionResponse> {
    const body = { ...this.sessionBody(), ...change.body };
    this.session = await this.withNonce(async () =>
      this.auth.calls.refresh(body, await this.facts('POST', '/auth/refresh', change)),
    );
    return this.session;
  }

  /** Make a request, and repeat it once if it needs the nonce of its answer. */
  async withNonce<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (!isZkpAuthError(error) || error.code !== 'DPOP_NONCE_REQUIRED') throw error;
      return request();
    }
  }

  async signOut(change: RequestChange = {}): Promise<void> {
    const body = { ...this.sessionBody(), ...change.body };
    await this.auth.calls.signOut(body, await this.facts('POST', '/auth/sign-out', change));
  }

  /** The body of `/refresh` and `/sign-out`. */
  sessionBody(): Record<string, unknown> {
    const { sessionId, refreshToken } = this.current;
    const { audience } = this.site;
    return { sessionId, audience, ...(refreshToken === undefined ? {} : { refreshToken }) };
  }

  /** Headers of one name in the last answer. */
  answered(name: string): string[] {
    return this.headers.filter(([header]) => header === name).map(([, value]) => value);
  }

  #proofBody(
    purpose: 'login' | 'register',
    userId: string,
    attempt: Attempt,
  ): Promise<Record<string, unknown>> {
    const challenge = async (body: unknown) =>
      this.auth.calls.challenge(body, await this.facts('POST', '/auth/challenge'));
    const bound = this.key === null ? {} : { sessionKey: this.key.thumbprint };
    return proofBody(challenge, purpose, userId, { ...this.site, ...bound, ...attempt });
  }

  #take(name: string, value: string): void {
    this.headers.push([name, value]);
    if (name === 'DPoP-Nonce') this.nonce = value;
    if (name !== 'Set-Cookie') return;
    const cookie = parseSetCookie(value);
    if (cookie.maxAge === 0) this.cookies.delete(cookie.name);
    else this.cookies.set(cookie.name, cookie.value ?? '');
  }
}
