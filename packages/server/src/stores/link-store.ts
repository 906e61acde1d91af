import type { AddCredentialOptions, AddedCredential, Addition } from './credential-store.js';

/** The key that a new device offered to a link. */
export interface LinkOffer {
  /** 16 bytes in base64url, derived from `publicKey`. */
  credentialId: string;
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** The nonce of the new device, 32 bytes. */
  nonce: Uint8Array;
  /** The pin that the claim drew, by the SHA-256 of its pinId in base64url; `null` without a PIN. It is not enrolled. */
  pin: { pinHash: string; secretId: string } | null;
  /** The name that the device gives itself. */
  deviceName: string | null;
}

/** A link that a device has just opened. */
export interface NewLink {
  /** 16 bytes in base64url. */
  linkId: string;
  userId: string;
  /** The credential that opened it. */
  credentialId: string;
  /** Origin of the API, as that device addresses it. */
  audience: string;
  /** 32 bytes. */
  commitment: Uint8Array;
  /** HMAC of the code under a key that no store has, in base64url (43 characters). */
  codeHash: string;
  /** Milliseconds since 1970. */
  openedAtMs: number;
  expiresAtMs: number;
}

/** A link of a new device to a user. */
export interface Link extends NewLink {
  /** How often somebody has asked by its code. */
  claims: number;
  /** The first valid offer; `null` while there is none. */
  offer: LinkOffer | null;
  /** The nonce of the device that opened it, 32 bytes, once it is revealed. */
  nonce: Uint8Array | null;
  /** How it ended; `null` while it did not, also if its time is over. `linkStateOf` tells the state. */
  end: 'approved' | 'rejected' | 'ended' | null;
  endedAtMs: number | null;
}

/** A step of one link. */
export interface LinkStep {
  linkId: string;
  /** Milliseconds since 1970. The step does nothing from the link's `expiresAtMs` on. */
  atMs: number;
}

/** `changed`: the link has ended or expired, or its nonce is not revealed. The others are those of an addition. */
export type LinkApproval = Addition | { kind: 'changed' };

/**
 * Keeps links of new devices (protocol section 10). It compares ids bytewise.
 *
 * Concurrency contract: each step is atomic over all processes. Of any number of offers that race for a link, one is
 * taken. Of an approval and an ending that race, one happens. An end is final. Once `endAllOf` has resolved, no link that
 * was open before is approved, whatever ran meanwhile. `testLinkStore` of `@zkp-auth/server/testing` checks an
 * implementation.
 */
export interface LinkStore {
  /**
   * Open a link, and end the link of the same credential that has no end yet. It forgets links of the user that are
   * older than the 64 last ones.
   *
   * @returns `taken` if another link has this linkId or this code; `gone` if there is no such user, or the user is
   * suspended. Nothing has changed in either case.
   */
  open(link: NewLink): Promise<'opened' | 'taken' | 'gone'>;
  /** A link, ended ones included. `null` once it is forgotten. */
  find(linkId: string): Promise<Link | null>;
  /** The link with one of these hashes of its code. */
  findByCode(codeHashes: readonly string[]): Promise<Link | null>;
  /** Count a claim of an open link. Gives `false` from the `most` and first claim on, and if the link is not open. */
  claim(step: LinkStep, most: number): Promise<boolean>;
  /** Take an offer to an open link. Gives whether this call's offer was taken. */
  offer(step: LinkStep, offer: LinkOffer): Promise<boolean>;
  /** Keep the nonce of a link with an offer that has none yet. Gives whether this call did. */
  reveal(step: LinkStep, nonce: Uint8Array): Promise<boolean>;
  /** Reject a link that has no end yet and is not expired. Gives whether this call did. */
  reject(step: LinkStep): Promise<boolean>;
  /** End all links of a user that have no end yet. */
  endAllOf(userId: string, atMs: number): Promise<void>;
  /**
   * Create the credential as `addCredential` of the credential store does, and give a revealed link the end
   * `approved` at the credential's `createdAtMs`, both or neither.
   */
  approve(linkId: string, credential: AddedCredential, options?: AddCredentialOptions): Promise<LinkApproval>;
  /**
   * Forget links that ended or expired at least a day before `nowMs`, in slices that block nobody for long.
   *
   * @returns their number.
   */
  forgetEnded(nowMs: number): Promise<number>;
  /** Forget all links of a user, whatever their state. */
  forgetAllOf(userId: string): Promise<void>;
}
