import type { TryReturn } from '@zkp-auth/core';

/** Which key: one user at one server. */
export interface KeyName {
  /** Normalized, see `normalizeUserId` of core. */
  userId: string;
  /** Origin of the server. */
  audience: string;
}

/** A proof that gives a try of a PIN slot back, kept until the server has given it back. */
export interface KeptReturn extends TryReturn {
  /** Of the slot, 16 bytes. */
  pinId: Uint8Array;
}

/** What can be said of a stored key without opening it. */
export interface LocalKey extends KeyName {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** `pending`: the server has not been heard to accept it. */
  state: 'active' | 'pending';
  /** When the server was last heard to accept its PIN slot, ISO 8601; `null` where that is not known. */
  pinRenewedAt: string | null;
  /** It came from a first-generation blob: copies of that stay guessable until the key is replaced. */
  mustRotate: boolean;
  /** What the sign-ins of this device are called, if the person said so when the key was imported; default nothing. */
  deviceName?: string;
  /** Whether a PIN slot is sealed under the first form of its PIN, and renewed at the next login with it; default false. */
  oldPinForm?: boolean;
}

/** One way to open a key. */
export interface LocalSlot {
  id: string;
  kind: 'pin' | 'passphrase' | 'passkey';
  /** 16 bytes, for a PIN slot that opens with the server's help. */
  pinId: Uint8Array | null;
  /** For a passkey slot: the passkey's credential id. */
  passkeyId: Uint8Array | null;
  /** For a passkey slot: the PRF's input, 32 bytes. */
  salt: Uint8Array | null;
  /** For a passkey slot: how the passkey is reached, as WebAuthn names it, if that is known. */
  transports?: readonly string[];
}
