import { decodeBase64url, encodeBase64url, encodeUtf8, randomBytes, ZkpAuthError } from '@zkp-auth/core';
import { parseSecretJson } from '../keys/parse-secret-json.js';
import { withSecretId } from '../keys/with-secret-id.js';

/** A secret from which the OPRF keys of pinIds are derived. */
export interface PinSecret {
  /** 16 bytes in base64url, derived from `bytes`, so that a wrong secret never has a right id. */
  id: string;
  /** At least 32 random bytes. */
  bytes: Uint8Array;
}

/** The ring of secrets. Each pinId keeps the secret under which it was drawn. */
export interface PinSecrets {
  /** The secret under which new pinIds are drawn. */
  active: PinSecret;
  /** All secrets. The active one is the last. */
  all: readonly PinSecret[];
}

const leastLength = 32;
const label = encodeUtf8('zkp-auth/pin-secret');

/**
 * A ring in this process's memory, for tests, or for servers whose PINs may end with the process.
 *
 * @example
 * ```ts
 * const pinAssistance = await openPinAssistance({ store: new InMemoryPinStore(), secrets: generatePinSecrets() });
 * ```
 */
export function generatePinSecrets(): PinSecrets {
  return ringOf([generatePinSecret()]);
}

/** A new secret of 32 random bytes. */
export function generatePinSecret(): PinSecret {
  return withSecretId(label, randomBytes(leastLength));
}

/** The same ring with a new active secret. */
export function withNewSecret(secrets: PinSecrets): PinSecrets {
  return ringOf([...secrets.all, generatePinSecret()]);
}

/**
 * Read a ring that {@link exportPinSecrets} wrote, for servers whose secrets do not come from a file. A byte order
 * mark before it is skipped.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` for any other text, for example if an id does not belong to its
 * secret.
 *
 * @example
 * ```ts
 * const secrets = importPinSecrets(await vault.read('zkp-auth/pin-secrets'));
 * ```
 */
export function importPinSecrets(text: string): PinSecrets {
  try {
    return parsePinSecrets(text);
  } catch (cause) {
    const { message } = cause as TypeError;
    throw new ZkpAuthError('KEY_FILE_INVALID', `These PIN secrets cannot be used: ${message}.`, { cause });
  }
}

/**
 * The ring as JSON: `{ zkpAuthPinSecrets: 1, secrets: [{ id, secret }] }`, the active secret last. Keep it secret.
 */
export function exportPinSecrets(secrets: PinSecrets): string {
  const content = {
    zkpAuthPinSecrets: 1,
    secrets: secrets.all.map(({ id, bytes }) => ({ id, secret: encodeBase64url(bytes) })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** @throws `TypeError` that names the fault, without the secrets. */
export function parsePinSecrets(text: string): PinSecrets {
  if (text === '') throw new TypeError('their text is missing');
  const content = parseSecretJson(text) as { zkpAuthPinSecrets?: unknown; secrets?: unknown } | null;
  if (content?.zkpAuthPinSecrets !== 1 || !Array.isArray(content.secrets)) {
    throw new TypeError('not a version 1 ring of PIN secrets');
  }
  const all = content.secrets.map(parsePinSecret);
  if (new Set(all.map(({ id }) => id)).size !== all.length) throw new TypeError('a PIN secret stands twice');
  return ringOf(all);
}

function parsePinSecret(value: unknown): PinSecret {
  const { id, secret } = (value ?? {}) as { id?: unknown; secret?: unknown };
  const bytes = decodeBase64url(secret);
  if (bytes === null || bytes.length < leastLength) {
    throw new TypeError(`a PIN secret is not ${leastLength} bytes or more in base64url`);
  }
  const read = withSecretId(label, bytes);
  if (read.id !== id) throw new TypeError('a PIN secret stands under an id that is not its own');
  return read;
}

function ringOf(all: readonly PinSecret[]): PinSecrets {
  const active = all.at(-1);
  if (active === undefined) throw new TypeError('a ring without a PIN secret');
  return { active, all };
}
