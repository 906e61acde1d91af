import { ZkpAuthError } from '@zkp-auth/core';
import { contentVersion } from '../files/content-version.js';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { KeyRingStore, StoredRing } from './key-ring-store.js';
import { parseRingJson } from './ring-content.js';

/**
 * The text of a ring, or a function that fetches it, for example from a secret manager. `undefined` and '' mean that
 * there is none.
 */
export type KeyRingText = string | undefined | (() => string | undefined | Promise<string | undefined>);

/**
 * A ring that comes as text from the environment or a secret manager. It is never written, so a changed secret
 * rotates it. The text is the content of a signing key file, plain or sealed, in any layout of its JSON.
 *
 * A function is called at the start, and again every `reloadMs`, so that running servers learn of a changed secret. A
 * string stays as it is until the process starts again.
 *
 * `read` rejects with `KEY_RING_INVALID` if there is no text or it is not JSON. `replace` always rejects with
 * `KEY_RING_NOT_WRITTEN`.
 *
 * @example
 * ```ts
 * const keys = await openKeyRing({
 *   store: new TextKeyRingStore(process.env.ZKP_AUTH_SIGNING_KEYS),
 *   encrypt: false,
 * });
 * ```
 */
export class TextKeyRingStore implements KeyRingStore {
  readonly #text: KeyRingText;

  constructor(text: KeyRingText) {
    this.#text = text;
  }

  async read(): Promise<StoredRing> {
    const text = typeof this.#text === 'function' ? await this.#text() : this.#text;
    if (text === undefined || text.trim() === '') {
      throw keyRingInvalid('its text is missing. Give the text of a signing key file');
    }
    // Environments and secret managers remove line ends, but a sealed ring has to have the layout in which it was
    // written.
    const content = `${JSON.stringify(parseRingJson(text), null, 2)}\n`;
    return { version: contentVersion(content), content };
  }

  async replace(): Promise<boolean> {
    throw new ZkpAuthError(
      'KEY_RING_NOT_WRITTEN',
      'This ring of signing keys was given as text and cannot be written. Change the secret that it comes from.',
    );
  }
}
