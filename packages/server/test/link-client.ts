import {
  credentialIdOf,
  decodeBase64url,
  encodeBase64url,
  generateKeyPair,
  type JsonOf,
  type KeyPair,
  linkDeviceContext,
  pinHashOf,
  randomBytes,
  type SessionResponse,
} from '@zkp-auth/core';
import {
  type ClaimLinkResponse,
  linkCommitment,
  linkDigits,
  opensLinkCommitment,
  parseReadLinkResponse,
} from '@zkp-auth/core/linking';
import type { TestCalls, TestFacts } from './test-auth.js';
import { askWithPin, blindPin, bytesOf, loginWithPin, type PinRecord } from './pin-client.js';
import type { TestBrowser } from './test-browser.js';
import { type Attempt, audience, login, prove } from './test-client.js';

/** The routes of links, by calls. */
export type LinkCalls = Pick<
  TestCalls,
  | 'challenge'
  | 'openLink'
  | 'claimLink'
  | 'offerLink'
  | 'offerState'
  | 'readLink'
  | 'revealLink'
  | 'approveLink'
  | 'rejectLink'
  | 'verify'
>;

/** The owner of a key, with a PIN that the server assists if there is one. */
export interface LinkedKey {
  userId: string;
  keys: KeyPair;
  credentialId: string;
  pinId: string | null;
}

/** What E has pinned of the first offer that it saw. */
export interface SeenOffer {
  publicKey: Uint8Array;
  pinHash: Uint8Array | undefined;
  nonce: Uint8Array;
}

/** E: the signed-in device that opens a link. */
export class Opener {
  readonly calls: LinkCalls;
  readonly browser: Pick<TestBrowser, 'facts' | 'current' | 'withNonce'>;
  readonly key: LinkedKey;
  nonce: Uint8Array = randomBytes(32);
  linkId = '';
  code = '';

  constructor(calls: LinkCalls, browser: Opener['browser'], key: LinkedKey) {
    this.calls = calls;
    this.browser = browser;
    this.key = key;
  }

  async open(): Promise<this> {
    const { userId, keys } = this.key;
    this.nonce = randomBytes(32);
    const commitment = linkCommitment({ audience, userId, publicKey: keys.publicKey, nonce: this.nonce });
    const body = { commitment: encodeBase64url(commitment) };
    const opened = await this.#send('POST', '/links', (facts) => this.calls.openLink(body, facts));
    [this.linkId, this.code] = [opened.linkId, opened.code];
    return this;
  }

  read(linkId = this.linkId) {
    return this.#send('GET', `/links/${linkId}`, (facts) => this.calls.readLink(undefined, facts), linkId);
  }

  /** The offer, pinned. */
  async look(): Promise<SeenOffer> {
    const read = parseReadLinkResponse(await this.read());
    if (read.state !== 'offered' && read.state !== 'revealed') throw new Error(`the link is ${read.state}`);
    const { publicKey, pinHash, nonce } = read;
    return { publicKey, pinHash, nonce };
  }

  reveal(nonce = this.nonce, linkId = this.linkId) {
    const body = { nonce: encodeBase64url(nonce) };
    const path = `/links/${linkId}/reveal`;
    return this.#send('POST', path, (facts) => this.calls.revealLink(body, facts), linkId);
  }

  digits({ publicKey: newPublicKey, nonce: newNonce }: SeenOffer): string {
    const { userId, keys } = this.key;
    const linkId = bytesOf(this.linkId);
    const { publicKey } = keys;
    return linkDigits({ audience, userId, publicKey, newPublicKey, linkId, nonce: this.nonce, newNonce });
  }

  /** The body of an approval of this offer. With `pin`, the key is opened by the server's help. */
  async approval(
    seen: SeenOffer,
    pin: string | null = null,
    attempt: Attempt = {},
  ): Promise<Record<string, unknown>> {
    const { userId, keys, credentialId, pinId } = this.key;
    const subject = { purpose: 'link-device', userId, credentialId } as const;
    const issued =
      pin === null || pinId === null
        ? await this.calls.challenge(subject)
        : await askWithPin(this, subject, pin, pinId);
    await attempt.meanwhile?.();
    const context = linkDeviceContext({
      flow: 'link',
      linkId: bytesOf(this.linkId),
      newPublicKey: seen.publicKey,
      newPinHash: seen.pinHash,
    });
    const signer = attempt.keys ?? keys;
    return {
      ...prove(signer, 'link-device', userId, issued, context, attempt),
      credentialId,
      ...attempt.claim,
    };
  }

  approve(body: Record<string, unknown>, linkId = this.linkId) {
    const path = `/links/${linkId}/approve`;
    return this.#send('POST', path, (facts) => this.calls.approveLink(body, facts), linkId);
  }

  reject(linkId = this.linkId) {
    const path = `/links/${linkId}/reject`;
    return this.#send('POST', path, (facts) => this.calls.rejectLink({}, facts), linkId);
  }

  #send<Answer>(
    method: string,
    path: string,
    call: (facts: TestFacts) => Promise<Answer>,
    linkId?: string,
  ): Promise<Answer> {
    return this.browser.withNonce(async () => {
      const accessToken = this.browser.current.token;
      const facts = await this.browser.facts(method, `/auth${path}`, { accessToken });
      return call(linkId === undefined ? facts : { ...facts, linkId });
    });
  }
}

/** N: the new device. It keeps what the protocol tells it to keep. */
export class NewDevice {
  readonly calls: LinkCalls;
  readonly facts: TestFacts;
  readonly keys: KeyPair = generateKeyPair();
  readonly nonce: Uint8Array = randomBytes(32);
  readonly credentialId: string = credentialIdOf(this.keys.publicKey);
  code = '';
  claimed: (JsonOf<ClaimLinkResponse> & { output: string }) | undefined;

  constructor(calls: LinkCalls, facts: TestFacts = {}) {
    this.calls = calls;
    this.facts = facts;
  }

  get link() {
    if (this.claimed === undefined) throw new Error('nothing is claimed');
    return this.claimed;
  }

  async claim(code: string, pin: string | null = null): Promise<this> {
    const { credentialId } = this;
    const blind = pin === null ? null : blindPin(pin);
    const body = { code, credentialId, ...(blind === null ? {} : { pin: { blinded: blind.blinded } }) };
    const answer = await this.calls.claimLink(body, this.facts);
    this.code = code;
    const output = blind === null || answer.pin === undefined ? '' : blind.finalize(answer.pin.evaluated);
    this.claimed = { ...answer, output };
    return this;
  }

  /** The body of an honest offer. */
  offerBody(attempt: Attempt = {}): Record<string, unknown> {
    const { linkId, userId, pin } = this.link;
    const newPinHash = pin && pinHashOf(bytesOf(pin.id));
    const { publicKey } = this.keys;
    const context = linkDeviceContext({
      flow: 'link',
      linkId: bytesOf(linkId),
      newPublicKey: publicKey,
      newPinHash,
    });
    return {
      linkId,
      code: this.code,
      ...prove(attempt.keys ?? this.keys, 'link-device', userId, this.link, context, attempt),
      publicKey: encodeBase64url(publicKey),
      nonce: encodeBase64url(this.nonce),
      ...(pin === undefined ? {} : { pin: { id: pin.id } }),
      device: { name: 'Zoë’s tablet' },
      ...attempt.claim,
    };
  }

  offer(body = this.offerBody()) {
    return this.calls.offerLink(body, this.facts);
  }

  state() {
    const { code, credentialId } = this;
    return this.calls.offerState({ linkId: this.link.linkId, code, credentialId }, this.facts);
  }

  /** The digits that N shows. @throws if the commitment is not to the revealed nonce. */
  async digits(): Promise<string> {
    const { userId, linkId } = this.link;
    const state = await this.state();
    const nonce = decodeBase64url('nonce' in state ? state.nonce : undefined, 32);
    if (nonce === null) throw new Error(`nothing is revealed: ${state.state}`);
    const [publicKey, commitment] = [bytesOf(this.link.publicKey), bytesOf(this.link.commitment)];
    if (!opensLinkCommitment(commitment, { audience, userId, publicKey, nonce }))
      throw new Error('LINK_TAMPERED');
    const [newPublicKey, newNonce] = [this.keys.publicKey, this.nonce];
    return linkDigits({
      audience,
      userId,
      publicKey,
      newPublicKey,
      linkId: bytesOf(linkId),
      nonce,
      newNonce,
    });
  }

  /** Sign in with the new key, by its PIN if it has one. */
  async login(auth: Parameters<typeof login>[0], pin: string | null = null): Promise<SessionResponse> {
    const { userId } = this.link;
    if (pin === null) return login(auth, userId, { keys: this.keys });
    return (await loginWithPin(auth, this.record, pin)).session;
  }

  get record(): PinRecord {
    const { userId, pin, output } = this.link;
    const { keys, credentialId } = this;
    return { userId, keys, credentialId, pinId: pin?.id ?? '', output };
  }
}
