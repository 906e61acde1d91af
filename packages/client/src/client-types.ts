import type { Argon2idParameters, SessionResponse } from '@zkp-auth/core';
import type { KeyStorage } from './storage/key-storage.js';

export interface ZkpAuthClientOptions {
  /** Where the server's router is mounted: a path such as `/auth`, or a full URL. */
  baseUrl: string;
  /** Where keys are kept; default IndexedDB, opened in a worker. */
  storage?: KeyStorage;
  /** Outside browsers: the origin to prove for. In a page it is the page's own and cannot be chosen. */
  origin?: string;
  /** Cost of the PIN for new keys; default 64 MiB, three passes, one lane. Only without `storage`. */
  argon2?: Argon2idParameters;
  /** How long one request may take, in milliseconds; default 30 000. */
  timeoutMs?: number;
}

/** What a call is busy with: opening the key, computing the proof, waiting for the server. */
export type Phase = 'unlocking' | 'proving' | 'contacting';

export type Operation = 'register' | 'login' | 'export' | 'import' | 'remove';

export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told of each phase as it begins. */
  onPhase?: (phase: Phase) => void;
}

export interface RegisterOptions extends CallOptions {
  /** What the person will see this device as, 1 to 64 characters. */
  deviceName?: string;
}

export interface ImportKeyBlobOptions extends CallOptions {
  /** Refuse a blob of anybody else. */
  userId?: string;
  /** Let go of a different key of the same name; without it that is `KEY_CONFLICT`. */
  replace?: boolean;
}

/** A session as the server granted it. */
export type Session = SessionResponse;

export interface RegisterResult {
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /** `null` where the server issues none at registration: call `login`. */
  session: Session | null;
}

/** What the client is doing. A new object for each change, the same one until then. */
export interface ClientSnapshot {
  readonly operation: Operation | null;
  readonly userId: string | null;
  readonly phase: Phase | null;
}
