import type { Argon2idParameters, ZkpAuthError } from '@zkp-auth/core';
import type { KeyStorage } from '../vault/key-storage.js';

/** The options of the client that concern its default storage. */
export interface DefaultStorageOptions {
  argon2?: Argon2idParameters | undefined;
  workerUrl?: string | URL | undefined;
}

/** The default storage. If it has a worker, `close` ends that for good. */
export type DefaultStorage = KeyStorage & { close?: () => void };

/** The part of a `Worker` that the storage uses. */
export type VaultWorker = Pick<
  Worker,
  'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'
>;

/** Starts vault workers, and finds out the reason if one did not start. */
export interface VaultHost {
  /** The address of the worker's script, for messages. */
  address(): string;
  /** @throws if the browser refuses. {@link VaultHost.explain} gives the reason. */
  start(): VaultWorker;
  /** The reason why a worker gave no answer. `cause` is the browser's own error, if there is one. */
  explain(cause: unknown): Promise<ZkpAuthError>;
}
