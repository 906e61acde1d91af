import { encodeUtf8, withoutByteOrderMark } from '@zkp-auth/core';
import { type Ciphertext, decryptText, encryptText } from '../keys/encrypt-text.js';
import type { MasterKey } from '../keys/master-keys.js';
import { parseSecretJson } from '../keys/parse-secret-json.js';

interface SealedPinSecrets extends Ciphertext {
  zkpAuthSealedPinSecrets: 1;
  /** The name of the store, or the name that the application passes. */
  name: string;
  masterKeyId: string;
}

/** Only PIN secrets are sealed under it, so that a sealed key ring never opens as PIN secrets, and the reverse. */
const label = 'zkp-auth/sealed-pin-secrets/1';

/** Encrypt the text of PIN secrets under a master key, bound to a name. */
export function sealPinSecretText(text: string, masterKey: MasterKey, name: string): string {
  return format({ name, masterKeyId: masterKey.id, ...encryptText(text, masterKey, boundTo(name)) });
}

/**
 * Decrypt a text of {@link sealPinSecretText}.
 *
 * @throws `TypeError` that names the fault, without the secrets.
 */
export function openSealedPinSecretText(
  sealed: string,
  masterKeys: readonly MasterKey[],
  name: string,
): string {
  const { name: bound = '', masterKeyId = '', iv = '', ct = '' } = parse(sealed);
  if (withoutByteOrderMark(sealed) !== format({ name: bound, masterKeyId, iv, ct })) {
    throw new TypeError('they are not sealed PIN secrets of version 1, or damaged');
  }
  const masterKey = masterKeys.find(({ id }) => id === masterKeyId);
  if (masterKey === undefined) {
    throw new TypeError('they are sealed under another master key than those of ZKP_AUTH_MASTER_KEY');
  }
  if (bound !== name) {
    throw new TypeError(
      `they are sealed under the name ${JSON.stringify(bound)} and are to be opened under ${JSON.stringify(name)}. Others were put in their place, or the "name" of their store has changed`,
    );
  }
  const text = decryptText({ iv, ct }, masterKey, boundTo(name));
  if (text === null) throw new TypeError('they are damaged');
  return text;
}

/** Whether a text is sealed PIN secrets. */
export function isSealedPinSecrets(text: string): boolean {
  return Object.hasOwn(parse(text), 'zkpAuthSealedPinSecrets');
}

/** Whether a text is PIN secrets that are sealed under this master key. */
export function isSealedUnder(text: string, { id }: MasterKey): boolean {
  return isSealedPinSecrets(text) && parse(text).masterKeyId === id;
}

function parse(text: string): Partial<SealedPinSecrets> {
  return Object(parseSecretJson(text)) as Partial<SealedPinSecrets>;
}

function boundTo(name: string): Uint8Array {
  return encodeUtf8(JSON.stringify([label, name]));
}

function format({ name, masterKeyId, iv, ct }: Omit<SealedPinSecrets, 'zkpAuthSealedPinSecrets'>): string {
  const ordered: SealedPinSecrets = { zkpAuthSealedPinSecrets: 1, name, masterKeyId, iv, ct };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}
