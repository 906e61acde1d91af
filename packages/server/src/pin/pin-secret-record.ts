import { isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import { type Environment, type MasterKey, readMasterKeys } from '../keys/master-keys.js';
import { ringNameOf } from '../keys/ring-name.js';
import { exportPinSecrets, parsePinSecrets, type PinSecrets } from './pin-secrets.js';
import type { PinSecretStore } from './pin-secret-store.js';
import {
  isSealedPinSecrets,
  isSealedUnder,
  openSealedPinSecretText,
  sealPinSecretText,
} from './sealed-pin-secrets.js';

/** A place for PIN secrets, and the form that they have in it. */
export interface PinSecretPlace {
  /** A `FilePinSecretStore`, a `SqlPinSecretStore`, or one of your own. */
  secretStore: PinSecretStore;
  /** Whether they are sealed under a master key, with AES-256-GCM. Stored secrets of the other form are refused. */
  encrypt: boolean;
  /** The environment with `ZKP_AUTH_MASTER_KEY`; default `process.env`. See `openKeyRing`. */
  env?: Environment | undefined;
  /** The name that encrypted secrets are bound to, at most 256 characters; default the name of the store. */
  name?: string | undefined;
}

interface ReadSecrets {
  version: number;
  secrets: PinSecrets;
  /** Whether their stored form is the one in which {@link PinSecretRecord} writes now. */
  asNow: boolean;
}

/** PIN secrets in their store. They are opened and examined when they are read, and closed when they are written. */
export class PinSecretRecord {
  readonly #store: PinSecretStore;
  readonly #name: string;
  /** `null` if they are stored plain. */
  readonly #masterKeys: readonly [MasterKey, ...MasterKey[]] | null;

  /** @throws `TypeError` for options that cannot work, {@link ZkpAuthError} `MASTER_KEY_MISSING`. */
  constructor({ secretStore, encrypt, env = process.env, name }: PinSecretPlace) {
    if (typeof encrypt !== 'boolean') throw new TypeError('encrypt must be true or false');
    this.#store = secretStore;
    this.#name = ringNameOf({ store: secretStore, ...(name === undefined ? {} : { name }) });
    this.#masterKeys = encrypt ? readMasterKeys(env) : null;
  }

  get title(): string {
    return this.#store.title ?? 'PIN secrets';
  }

  /** @throws {@link ZkpAuthError} `KEY_FILE_INVALID`, and the store's own error. */
  async read(): Promise<PinSecrets | null> {
    return (await this.#readVersion(false))?.secrets ?? null;
  }

  /**
   * Read them, or store new ones if there are none. If several processes do so at once, all get the secrets of one.
   */
  async readOrCreate(create: () => PinSecrets): Promise<PinSecrets> {
    for (;;) {
      const secrets = await this.read();
      if (secrets !== null) return secrets;
      await this.#store.replace(null, this.#close(create()));
    }
  }

  /** Change them, also while other processes change them. */
  async change(change: (secrets: PinSecrets) => PinSecrets): Promise<PinSecrets> {
    for (;;) {
      const { version, secrets } = await this.#require(false);
      const changed = change(secrets);
      if (await this.#store.replace(version, this.#close(changed))) return changed;
    }
  }

  /** Seal plain secrets, or secrets that are sealed under another master key than the first. */
  async seal(): Promise<void> {
    for (;;) {
      const { version, secrets, asNow } = await this.#require(true);
      if (asNow || (await this.#store.replace(version, this.#close(secrets)))) return;
    }
  }

  async #require(plainToo: boolean): Promise<ReadSecrets> {
    const read = await this.#readVersion(plainToo);
    if (read === null) throw this.#invalid(new TypeError('there are none'));
    return read;
  }

  async #readVersion(plainToo: boolean): Promise<ReadSecrets | null> {
    const stored = await this.#store.read();
    if (stored === null) return null;
    const { version, content } = stored;
    try {
      const secrets = parsePinSecrets(this.#open(content, plainToo));
      const asNow = this.#masterKeys === null || isSealedUnder(content, this.#masterKeys[0]);
      return { version, secrets, asNow };
    } catch (cause) {
      throw this.#invalid(cause);
    }
  }

  #open(content: string, plainToo: boolean): string {
    if (content === '') return content;
    const isSealed = isSealedPinSecrets(content);
    if (this.#masterKeys === null) {
      if (!isSealed) return content;
      throw new TypeError('they are sealed: open them with "encrypt: true" and their master key');
    }
    if (isSealed) return openSealedPinSecretText(content, this.#masterKeys, this.#name);
    if (plainToo) return content;
    throw new TypeError(
      'they are not encrypted: seal them with sealPinSecrets, or open them with "encrypt: false"',
    );
  }

  #close(secrets: PinSecrets): string {
    const text = exportPinSecrets(secrets);
    return this.#masterKeys === null ? text : sealPinSecretText(text, this.#masterKeys[0], this.#name);
  }

  #invalid(cause: unknown): ZkpAuthError {
    if (isZkpAuthError(cause)) return cause;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    return new ZkpAuthError('KEY_FILE_INVALID', `The ${this.title} cannot be used${reason}.`, { cause });
  }
}
