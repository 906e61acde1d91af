import type { Argon2idParameters, ZkpAuthError } from '@zkp-auth/core';
import type { KeyStorage } from '../vault/key-storage.js';

/** The options of the client that concern its default storage. */
export interface DefaultStorageOptions {
  argon2?: Argon2idParameters | undefined;
  workerUrl?: string | URL | undefined;
}

/** The default storage. Where it has a worker, `close` ends that for good. */
export type DefaultStorage = KeyStorage & { close?: () => void };

/** The part of a `Worker` that the storage uses. */
export type VaultWorker = Pick<
  Worker,
  'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'
>;

/** Starts vault workers, and finds out why one did not start. */
export interface VaultHost {
  /** Where the worker's script is, for messages. */
  address(): string;
  /** @throws if the browser refuses: {@link VaultHost.explain} says why. */
  start(): VaultWorker;
  /** Why a worker gave no answer. `cause` is what the browser said of it, if it said something. */
  explain(cause: unknown): Promise<ZkpAuthError>;
}
