import { createSecretKey, type KeyObject } from 'node:crypto';
import { ZkpAuthError } from '@zkp-auth/core';
import type { PinStore } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';
import { plainFile } from './open-pin-secret-file.js';
import type { OprfEvaluator } from './oprf-evaluator.js';
import { type PinSecretPlace, PinSecretRecord } from './pin-secret-record.js';
import { generatePinSecrets, type PinSecrets } from './pin-secrets.js';
import { loadSodiumEvaluator } from './sodium-evaluator.js';

/** The server's part in every guess at a PIN. */
export interface PinAssistance {
  readonly store: PinStore;
  readonly evaluator: OprfEvaluator;
  /** Id of the secret under which new pinIds are drawn. */
  readonly activeSecretId: string;
  /** The ring, by the ids of its secrets. */
  readonly secrets: ReadonlyMap<string, KeyObject>;
}

export type PinAssistanceOptions =
  | { store: PinStore; /** From {@link importPinSecrets}. */ secrets: PinSecrets }
  | { store: PinStore; /** Path of a file, made on first start. */ secretFile: string }
  | ({ store: PinStore } & PinSecretPlace);

/**
 * Open the server's part of the PIN, which is a store and its secrets. The ring must have every secret that the
 * store's pins need.
 *
 * @throws {@link ZkpAuthError} `PIN_SECRET_MISSING` if pins need secrets that are not in the ring. Restore them from
 * the backup, since no new secret can replace a lost one. `KEY_FILE_INVALID` for secrets that cannot be used,
 * `MASTER_KEY_MISSING`, `STORE_UNAVAILABLE` for a store that fails.
 *
 * @example
 * ```ts
 * const pinAssistance = await openPinAssistance({
 *   store: new SqlPinStore(db),
 *   secretFile: './data/pin-secrets.json',
 * });
 * ```
 */
export async function openPinAssistance(options: PinAssistanceOptions): Promise<PinAssistance> {
  const { store } = options;
  const evaluator = await loadSodiumEvaluator();
  const needed = await storeCall(store.secretIds());
  const secrets = await secretsOf(options, needed);
  const missing = needed.filter((id) => !secrets.all.some((secret) => secret.id === id));
  if (missing.length > 0) throw missingSecrets(missing);
  return {
    store,
    evaluator,
    activeSecretId: secrets.active.id,
    secrets: new Map(secrets.all.map(({ id, bytes }) => [id, createSecretKey(bytes)])),
  };
}

async function secretsOf(options: PinAssistanceOptions, needed: readonly string[]): Promise<PinSecrets> {
  if ('secrets' in options) return options.secrets;
  const record = new PinSecretRecord('secretFile' in options ? plainFile(options.secretFile) : options);
  if (needed.length === 0) return record.readOrCreate(generatePinSecrets);
  const secrets = await record.read();
  if (secrets === null) throw missingSecrets(needed, ` There is no ${record.title}.`);
  return secrets;
}

function missingSecrets(ids: readonly string[], why = ''): ZkpAuthError {
  return new ZkpAuthError(
    'PIN_SECRET_MISSING',
    `Enrolled PINs need ${ids.length} PIN secret(s) that are not in the ring: ${ids.join(', ')}.${why} Restore them from the backup.`,
  );
}
