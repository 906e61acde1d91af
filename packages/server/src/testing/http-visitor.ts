import assert from 'node:assert/strict';
import {
  buildMessage,
  computeProof,
  confirmContext,
  confirmationHeader,
  credentialIdOf,
  decodeBase64url,
  formatConfirmation,
  formatRegisterRequest,
  formatVerifyRequest,
  generateKeyPair,
  type KeyPair,
  loginContext,
  type OpenKeyRequest,
  type Purpose,
  registerContext,
  type SessionResponse,
} from '@zkp-auth/core';
import { parseSetCookie, stringifyCookie } from 'cookie';
import { type HttpTestAnswer, send, type SendOptions } from './http-answer.js';
import { newSessionKey, type SessionKey } from './session-key.js';

/** A challenge in its wire form. */
export interface IssuedChallenge {
  challengeId: string;
  challenge: string;
}

/** A change to an otherwise honest request. */
export interface VisitorOptions extends SendOptions {
  /** Headers that replace an honest browser's; `undefined` sends none. */
  change?: Record<string, string | undefined>;
  scheme?: 'Bearer' | 'DPoP';
  /** The path in the DPoP proof, if it is not the path of the request. */
  provenPath?: string;
}

/**
 * An honest browser on an application's page. It keeps cookies, the server's nonce, a session, its key and the
 * credential key.
 */
export class HttpVisitor {
  readonly url: string;
  readonly userId: string;
  readonly keys: KeyPair;
  readonly cookies: Map<string, string> = new Map();
  readonly #key: SessionKey;
  nonce: string | undefined;
  session: SessionResponse | undefined;

  constructor(url: string, userId: string, key: SessionKey, keys: KeyPair = generateKeyPair()) {
    this.url = url;
    this.userId = userId;
    this.keys = keys;
    this.#key = key;
  }

  /** Register a visitor at an application whose routes are below `/auth`. */
  static async register(url: string, userId: string): Promise<HttpVisitor> {
    const visitor = new HttpVisitor(url, userId, await newSessionKey());
    const answer = await visitor.signUp();
    assert.equal(answer.status, 201, answer.text);
    return visitor;
  }

  get credentialId(): string {
    return credentialIdOf(this.keys.publicKey);
  }

  get current(): SessionResponse {
    assert.ok(this.session !== undefined, 'nobody is signed in');
    return this.session;
  }

  /** Another browser of the same person, without a session. */
  async otherBrowser(): Promise<HttpVisitor> {
    return new HttpVisitor(this.url, this.userId, await newSessionKey(), this.keys);
  }

  /** @param assisted the challenge with which a pinId was drawn, if the key has a PIN. */
  async signUp(assisted?: IssuedChallenge & { pin: { id: string } }): Promise<HttpTestAnswer> {
    const { publicKey } = this.keys;
    const pinId = assisted && bytes(assisted.pin.id, 16);
    const named = { publicKey, pinId, sessionKey: bytes(this.#key.thumbprint) };
    const proof = await this.prove('register', registerContext(named), assisted);
    return this.#keep(await this.post('/auth/register', formatRegisterRequest({ ...proof, ...named })));
  }

  async login(change: Record<string, string | undefined> = {}): Promise<HttpTestAnswer> {
    const sessionKey = bytes(this.#key.thumbprint);
    const proof = await this.prove('login', loginContext({ sessionKey }));
    const body = formatVerifyRequest({ ...proof, sessionKey });
    return this.#keep(await this.post('/auth/verify', body, { change }));
  }

  async refresh(options: VisitorOptions = {}): Promise<HttpTestAnswer> {
    return this.#keep(await this.post('/auth/refresh', this.sessionBody(), options));
  }

  /** The body of `/refresh` and `/sign-out`. */
  sessionBody(): object {
    return { sessionId: this.current.sessionId, audience: this.url };
  }

  /** The members of a proof by this visitor's key. Unless a challenge is given, it asks for one now. */
  async prove(purpose: Purpose, context: Uint8Array, issued?: IssuedChallenge): Promise<OpenKeyRequest> {
    const { userId, credentialId, url } = this;
    const { challengeId, challenge } = issued ?? (await this.#challengeFor(purpose));
    const bound = { userId, credentialId, challengeId, origin: url, audience: url };
    const message = buildMessage({ purpose, ...bound, challenge: bytes(challenge), context });
    return { ...bound, proof: computeProof(this.keys.secretKey, message) };
  }

  async #challengeFor(purpose: Purpose): Promise<IssuedChallenge> {
    const { userId, credentialId } = this;
    const answer = await this.post('/auth/challenge', { purpose, userId, credentialId });
    assert.equal(answer.status, 200, answer.text);
    return answer.json as IssuedChallenge;
  }

  /** The value of the header that confirms an action with a payload. */
  async confirmation(action: string, payload: string | Uint8Array): Promise<string> {
    const sessionKey = bytes(this.#key.thumbprint);
    const proof = await this.prove(
      'confirm',
      confirmContext({ action, payload: Buffer.from(payload), sessionKey }),
    );
    return formatConfirmation(proof);
  }

  /** Send a request to a guarded route with a confirmation of `confirmed`, and `sent` as its body. */
  async confirm(
    path: string,
    asked: {
      action: string;
      confirmed: string;
      sent?: string;
      type?: string;
      headers?: Record<string, string>;
    },
  ): Promise<HttpTestAnswer> {
    const { action, confirmed, sent = confirmed, type = 'application/json', headers } = asked;
    const change = { [confirmationHeader.toLowerCase()]: await this.confirmation(action, confirmed) };
    return this.send(path, {
      method: 'POST',
      body: sent,
      headers: { 'content-type': type, ...headers },
      change,
    });
  }

  post(path: string, body: unknown, options: VisitorOptions = {}): Promise<HttpTestAnswer> {
    const headers = { 'content-type': 'application/json', ...(options.headers as object) };
    return this.send(path, { ...options, method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Send a request of the page, and send it again if it needs the nonce of its answer. */
  async send(path: string, options: VisitorOptions = {}): Promise<HttpTestAnswer> {
    const answer = await this.sendOnce(path, options);
    return answer.json?.code === 'DPOP_NONCE_REQUIRED' ? this.sendOnce(path, options) : answer;
  }

  async sendOnce(path: string, options: VisitorOptions = {}): Promise<HttpTestAnswer> {
    const { change, scheme = 'Bearer', provenPath = path, ...rest } = options;
    const { method = 'GET' } = rest;
    const token = /^\/auth\/(?!sessions|links)/.test(path) ? undefined : this.session?.token;
    const proof = { method, target: this.url + provenPath, nonce: this.nonce, token };
    const headers = {
      origin: this.url,
      'sec-fetch-site': 'same-origin',
      dpop: await this.#key.prove(proof),
      ...(token === undefined ? {} : { authorization: `${scheme} ${token}` }),
      ...(this.cookies.size === 0 ? {} : { cookie: stringifyCookie(Object.fromEntries(this.cookies)) }),
      ...(rest.headers as Record<string, string>),
      ...change,
    };
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    const answer = await send(this.url, path, { ...rest, headers: sent as Record<string, string> });
    this.#take(answer);
    return answer;
  }

  #take({ headers }: HttpTestAnswer): void {
    const nonce = headers['dpop-nonce'];
    if (typeof nonce === 'string') this.nonce = nonce;
    for (const text of [headers['set-cookie'] ?? []].flat()) {
      const cookie = parseSetCookie(text);
      if (cookie.maxAge === 0) this.cookies.delete(cookie.name);
      else this.cookies.set(cookie.name, cookie.value ?? '');
    }
  }

  #keep(answer: HttpTestAnswer): HttpTestAnswer {
    if (answer.status < 300) this.session = answer.json as SessionResponse;
    return answer;
  }
}

function bytes(text: string, length = 32): Uint8Array {
  const decoded = decodeBase64url(text, length);
  assert.ok(decoded !== null, `${text} is no base64url of ${length} bytes`);
  return decoded;
}
