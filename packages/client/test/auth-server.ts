import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import {
  buildMessage,
  type ChallengeRequest,
  changePinContext,
  confirmationHeader,
  confirmContext,
  credentialIdOf,
  type CredentialSummary,
  deleteAccountAction,
  encodeBase64url,
  encodeUtf8,
  type ErrorCode,
  errorStatus,
  formatChallengeResponse,
  formatCredentialListResponse,
  formatRevokeCredentialResponse,
  formatSessionListResponse,
  formatSessionResponse,
  formatUnlockPinResponse,
  isZkpAuthError,
  loginContext,
  newKeyContext,
  openKeyAction,
  type OpenKeyRequest,
  parseChallengeRequest,
  parseChangePinRequest,
  parseConfirmation,
  parseEndSessionsRequest,
  parseOpenKeyRequest,
  parseRegisterRequest,
  parseRevokeCredentialRequest,
  parseRotateKeyRequest,
  parseVerifyRequest,
  type Purpose,
  randomBytes,
  registerContext,
  requestIdHeader,
  revokeCredentialAction,
  type SessionResponse,
  type SessionSummary,
  unlockPinAction,
  verifyProof,
  ZkpAuthError,
} from '@zkp-auth/core';
import { vi } from 'vitest';
import { MemoryKeyStorage } from '../src/vault/memory-key-storage.js';
import { ZkpAuthClient } from '../src/zkp-auth-client.js';

const { oprf } = ristretto255_oprf;
const purposes: readonly Purpose[] = ['register', 'login', 'confirm', 'change-pin', 'rotate-key'];
const argon2 = { m: 19_456, t: 2, p: 1 } as const;

interface Credential {
  userId: string;
  publicKey: Uint8Array;
}

interface Pin {
  key: Uint8Array;
  /** `null` until it is enrolled. */
  credentialId: string | null;
  tries: number;
}

/** The body of a request, and its confirmation. */
interface Asked {
  text: string;
  confirmation: string | undefined;
}

/** The members of a bound message. */
type BoundFields = Parameters<typeof buildMessage>[0];

interface Issued extends ChallengeRequest {
  challenge: Uint8Array;
  pinId?: string | undefined;
}

/**
 * The server of the protocol in memory, which replaces `fetch`. It verifies every proof over the whole bound message,
 * so a client that proves anything else is refused. It counts the tries of each PIN. `seen` has the requests.
 */
export class AuthServer {
  readonly origin = 'https://app.example';
  readonly seen: string[] = [];
  readonly credentials = new Map<string, Credential>();
  readonly pins = new Map<string, Pin>();
  sessions: SessionSummary[] = [];
  /** The lifetime of a challenge. A client without an answer gives up five seconds before its end. */
  challengeMs = 60_000;
  /** Called before a path is answered. If it throws, the request fails with that error. */
  before: (path: string) => unknown = () => undefined;
  /** Called when the server has acted, before its answer is given. If it throws, the request fails with that error. */
  after: (path: string) => unknown = () => undefined;
  /** The list of credentials. A test may give another one. */
  list = (): CredentialSummary[] =>
    [...this.credentials.keys()].map((credentialId) => ({
      credentialId,
      kind: 'device',
      state: 'live',
      name: null,
      addedBy: null,
      createdAtMs: 1,
      lastUsedAtMs: null,
      current: credentialId === this.sessions[0]?.credentialId,
    }));
  readonly #challenges = new Map<string, Issued>();
  /** Of the session that was granted last. */
  #sessionKey: Uint8Array | undefined;

  constructor() {
    vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const path = new URL(request.url).pathname.replace('/auth', '');
      this.seen.push(path);
      const text = await request.text();
      const confirmation = request.headers.get(confirmationHeader) ?? undefined;
      const response = await this.#answer(path, { text, confirmation });
      response.headers.set(requestIdHeader, request.headers.get(requestIdHeader) ?? '');
      return response;
    });
  }

  /** A device, which is a client with a storage of its own. */
  device(storage = new MemoryKeyStorage({ argon2 })): { client: ZkpAuthClient; storage: MemoryKeyStorage } {
    const { origin } = this;
    return { client: new ZkpAuthClient({ baseUrl: `${origin}/auth`, origin, storage }), storage };
  }

  /** The enrolled PIN slots of a credential. */
  pinsOf(credentialId: string): string[] {
    return [...this.pins].flatMap(([id, pin]) => (pin.credentialId === credentialId ? [id] : []));
  }

  async #answer(path: string, asked: Asked): Promise<Response> {
    try {
      await this.before(path);
      const response = this.#act(path, asked);
      await this.after(path);
      return response;
    } catch (error) {
      if (!isZkpAuthError(error)) throw error;
      const { code } = error;
      return Response.json({ code, detail: code }, { status: errorStatus[code] ?? 500 });
    }
  }

  #act(path: string, asked: Asked): Response {
    const body: unknown = asked.text === '' ? undefined : JSON.parse(asked.text);
    switch (path) {
      case '/challenge':
        return Response.json(this.#issue(parseChallengeRequest(body, purposes)));
      case '/register': {
        const { publicKey, pinId, sessionKey, ...fields } = parseRegisterRequest(body);
        const credentialId = credentialIdOf(publicKey);
        const context = registerContext({ publicKey, pinId, sessionKey });
        const proven = { ...fields, credentialId };
        this.#examine('register', proven, { context, publicKey, refusal: 'PROOF_REJECTED' });
        if ([...this.credentials.values()].some(({ userId }) => userId === fields.userId))
          throw new ZkpAuthError('USER_ID_TAKEN');
        this.credentials.set(credentialId, { userId: fields.userId, publicKey });
        if (pinId !== undefined) this.#enrol(pinId, credentialId);
        this.#sessionKey = sessionKey;
        return Response.json(this.#grant(proven), { status: 201 });
      }
      case '/verify': {
        const request = parseVerifyRequest(body);
        this.#prove('login', request, { context: loginContext(request), refusal: 'LOGIN_REJECTED' });
        this.#sessionKey = request.sessionKey;
        return Response.json(this.#grant(request));
      }
      case '/open-key': {
        const context = confirmContext({ action: openKeyAction, payload: new Uint8Array(0) });
        this.#prove('confirm', parseOpenKeyRequest(body), { context, refusal: 'PROOF_REJECTED' });
        return new Response(null, { status: 204 });
      }
      case '/pin': {
        const request = parseChangePinRequest(body);
        this.#prove('change-pin', request, { context: changePinContext(request), refusal: 'PROOF_REJECTED' });
        if (request.oldPinId !== undefined) this.pins.delete(encodeBase64url(request.oldPinId));
        this.#enrol(request.newPinId, request.credentialId);
        return new Response(null, { status: 204 });
      }
      case '/rotate-key': {
        const { newPublicKey, newProof, pinId, ...request } = parseRotateKeyRequest(body);
        const context = newKeyContext({ newPublicKey, newPinId: pinId });
        const bound = this.#prove('rotate-key', request, { context, refusal: 'PROOF_REJECTED' });
        const credentialId = credentialIdOf(newPublicKey);
        const message = buildMessage({ ...bound, credentialId });
        if (!verifyProof(newPublicKey, message, newProof)) throw new ZkpAuthError('PROOF_REJECTED');
        this.credentials.delete(request.credentialId);
        this.credentials.set(credentialId, { userId: request.userId, publicKey: newPublicKey });
        if (pinId !== undefined) this.#enrol(pinId, credentialId);
        return Response.json({ userId: request.userId, credentialId });
      }
      case '/sessions':
        return Response.json(formatSessionListResponse({ sessions: this.sessions }));
      case '/sessions/end': {
        const request = parseEndSessionsRequest(body);
        this.sessions = this.sessions.filter(({ sessionId, current }) =>
          'sessionId' in request ? sessionId !== request.sessionId : request.which === 'others' && current,
        );
        return new Response(null, { status: 204 });
      }
      case '/credentials':
        return Response.json(formatCredentialListResponse({ credentials: this.list() }));
      case '/credentials/revoke': {
        const { credentialId } = parseRevokeCredentialRequest(body);
        this.#confirm(revokeCredentialAction, asked);
        this.credentials.delete(credentialId);
        this.sessions = this.sessions.filter((session) => session.credentialId !== credentialId);
        return Response.json(formatRevokeCredentialResponse({ credentialId, added: [] }));
      }
      case '/credentials/unlock-pin':
        this.#confirm(unlockPinAction, asked);
        return Response.json(formatUnlockPinResponse({ unlocked: true }));
      case '/account/delete':
        this.#confirm(deleteAccountAction, asked);
        this.credentials.clear();
        this.sessions = [];
        return new Response(null, { status: 204 });
      default:
        return new Response(null, { status: 204 });
    }
  }

  /** Take a confirmation of the exact body, for the session that was granted last. */
  #confirm(action: string, { text, confirmation = '' }: Asked): void {
    const sessionKey = this.#sessionKey;
    const context = confirmContext({ action, payload: encodeUtf8(text), ...(sessionKey && { sessionKey }) });
    this.#prove('confirm', parseConfirmation(confirmation), { context, refusal: 'CONFIRMATION_REJECTED' });
  }

  #issue(request: ChallengeRequest): object {
    const challengeId = encodeBase64url(randomBytes(16));
    const challenge = randomBytes(32);
    const { pin: question } = request;
    if (question === undefined) {
      this.#challenges.set(challengeId, { ...request, challenge });
      return formatChallengeResponse({ challengeId, challenge, expiresInMs: this.challengeMs });
    }
    const id = question.id ?? randomBytes(16);
    const pinId = encodeBase64url(id);
    if (question.id === undefined)
      this.pins.set(pinId, { key: oprf.generateKeyPair().secretKey, credentialId: null, tries: 0 });
    const pin = this.pins.get(pinId);
    const isKnown = pin !== undefined && (question.id === undefined || pin.credentialId !== null);
    if (!isKnown || pin.tries === 10) throw new ZkpAuthError('PIN_LOCKED');
    if (question.id !== undefined) pin.tries += 1;
    this.#challenges.set(challengeId, { ...request, challenge, pinId });
    const evaluated = oprf.blindEvaluate(pin.key, question.blinded);
    const failedTries = question.id === undefined ? undefined : pin.tries - 1;
    const answer = { id, evaluated, attemptsLeft: 10 - pin.tries, failedTries };
    return formatChallengeResponse({ challengeId, challenge, expiresInMs: this.challengeMs, pin: answer });
  }

  #prove(
    purpose: Purpose,
    request: OpenKeyRequest,
    { context, refusal }: { context: Uint8Array; refusal: ErrorCode },
  ): BoundFields {
    const credential = this.credentials.get(request.credentialId);
    if (credential?.userId !== request.userId) throw new ZkpAuthError(refusal);
    return this.#examine(purpose, request, { context, publicKey: credential.publicKey, refusal });
  }

  /** Verify a proof over its whole message. A valid proof spends its challenge, and gives the try of its PIN back. */
  #examine(
    purpose: Purpose,
    request: OpenKeyRequest,
    { context, publicKey, refusal }: { context: Uint8Array; publicKey: Uint8Array; refusal: ErrorCode },
  ): BoundFields {
    const { challengeId, userId, credentialId, proof } = request;
    const issued = this.#challenges.get(challengeId);
    const isFor =
      issued?.purpose === purpose && issued.credentialId === credentialId && issued.userId === userId;
    if (issued === undefined || !isFor) throw new ZkpAuthError(refusal);
    const { origin } = this;
    const { challenge } = issued;
    const bound = {
      purpose,
      origin,
      audience: origin,
      userId,
      credentialId,
      challengeId,
      challenge,
      context,
    };
    if (!verifyProof(publicKey, buildMessage(bound), proof)) throw new ZkpAuthError(refusal);
    this.#challenges.delete(challengeId);
    const pin = this.pins.get(issued.pinId ?? '');
    if (pin !== undefined && issued.pin?.id !== undefined) pin.tries -= 1;
    return bound;
  }

  #enrol(pinId: Uint8Array, credentialId: string): void {
    const pin = this.pins.get(encodeBase64url(pinId));
    if (pin !== undefined) pin.credentialId = credentialId;
  }

  #grant({ userId, credentialId }: Pick<OpenKeyRequest, 'userId' | 'credentialId'>): object {
    const sessionId = encodeBase64url(randomBytes(32));
    const now = Date.now();
    const times = { createdAtMs: now, lastUsedAtMs: now };
    const others = this.sessions.map((session) => ({ ...session, current: false }));
    this.sessions = [{ sessionId, credentialId, deviceName: null, ...times, current: true }, ...others];
    const session: SessionResponse = {
      userId,
      credentialId,
      sessionId,
      token: encodeBase64url(randomBytes(12)),
      tokenType: 'Bearer',
      expiresInMs: 600_000,
      refreshToken: encodeBase64url(randomBytes(80)),
    };
    return formatSessionResponse(session);
  }
}

/** Fail like a request that never arrives, or like an answer that is lost. */
export function lost(): never {
  throw new TypeError('the connection broke');
}
