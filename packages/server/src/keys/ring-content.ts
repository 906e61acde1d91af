import { isDeepStrictEqual } from 'node:util';
import type { JWK } from 'jose';
import { isCount } from '../checked-integer.js';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { SessionSecret } from './key-ring.js';
import { parseSecretJson } from './parse-secret-json.js';
import {
  formatSessionSecret,
  generateSessionSecret,
  parseSessionSecret,
  type SessionSecretText,
} from './session-secret.js';
import { importStoredKey, type StoredKey } from './stored-key.js';

export interface PublishedKey extends StoredKey {
  /** When it was first in the JWKS, milliseconds since 1970. */
  publishedAtMs: number;
}

export interface RetiringKey extends PublishedKey {
  /** When another key replaced it. */
  retiredAtMs: number;
}

/** The stored content of a ring. */
export interface RingContent {
  active: PublishedKey;
  next: PublishedKey;
  retiring: readonly RetiringKey[];
  /** How long a retired key is kept, in milliseconds. It is the longest time that any process has asked for. */
  keepMs: number;
  /** At least one. */
  sessionSecrets: readonly SessionSecret[];
}

interface KeyText {
  jwk: JWK;
  state: 'active' | 'next' | 'retiring';
  publishedAtMs: number;
  retiredAtMs?: number;
}

interface RingText {
  zkpAuthKeys: 2;
  keys: KeyText[];
  /** Absent in rings of releases that did not have it. */
  keepMs?: number;
  sessionSecrets: SessionSecretText[];
}

/** A new ring with these keys. */
export function newRingContent(
  active: StoredKey,
  next: StoredKey,
  { keepMs, nowMs }: { keepMs: number; nowMs: number },
): RingContent {
  return {
    active: { ...active, publishedAtMs: nowMs },
    next: { ...next, publishedAtMs: nowMs },
    retiring: [],
    keepMs,
    sessionSecrets: [generateSessionSecret()],
  };
}

/** The ring as JSON, including its private keys. */
export function formatRingContent(content: RingContent): string {
  return `${JSON.stringify(textOf(content), null, 2)}\n`;
}

/**
 * Read a text of {@link formatRingContent}.
 *
 * @throws {@link ZkpAuthError} `KEY_RING_INVALID` for any other text. Nothing is repaired or skipped.
 */
export async function parseRingContent(text: string): Promise<RingContent> {
  const { zkpAuthKeys, keys, keepMs = 0, sessionSecrets } = parseRingJson(text) as Partial<RingText>;
  if (zkpAuthKeys !== 2) throw keyRingInvalid('it is not a ring of version 2');
  if (!Array.isArray(keys) || !Array.isArray(sessionSecrets)) throw keyRingInvalid('it has lost a part');
  if (!isCount(keepMs)) throw keyRingInvalid('it does not say how long keys are kept');
  const content: RingContent = {
    active: await theOnly('active', keys),
    next: await theOnly('next', keys),
    retiring: await Promise.all(keysIn('retiring', keys).map(retiringKey)),
    keepMs,
    sessionSecrets: sessionSecrets.map((secret) => parseSessionSecret(secret ?? {})),
  };
  if (content.sessionSecrets.length === 0) throw keyRingInvalid('it has no session secret');
  refuseRepeated(
    'key',
    [content.active, content.next, ...content.retiring].map(({ key }) => key.kid),
  );
  refuseRepeated(
    'session secret',
    content.sessionSecrets.map(({ id }) => id),
  );
  // The next rotation would lose members that do not belong to a ring.
  if (!isSameText(text, content)) throw keyRingInvalid('it holds more than a ring, or in another order');
  return content;
}

/** @throws {@link ZkpAuthError} `KEY_RING_INVALID` if it is not the JSON of an object. */
export function parseRingJson(text: string): object {
  try {
    const value = parseSecretJson(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Thrown below without the parser's message, which may quote the text.
  }
  throw keyRingInvalid('it is not a JSON object');
}

async function theOnly(state: KeyText['state'], keys: readonly KeyText[]): Promise<PublishedKey> {
  const [only, ...others] = keysIn(state, keys);
  if (only === undefined || others.length > 0) throw keyRingInvalid(`it has not exactly one ${state} key`);
  return publishedKey(only);
}

function keysIn(state: KeyText['state'], keys: readonly KeyText[]): KeyText[] {
  return keys.filter((key) => key?.state === state);
}

async function publishedKey({ jwk, publishedAtMs }: KeyText): Promise<PublishedKey> {
  if (!isCount(publishedAtMs)) throw keyRingInvalid('a key does not say when it was published');
  if (typeof jwk !== 'object' || jwk === null) throw keyRingInvalid('a key is missing');
  return { ...(await importStoredKey(jwk)), publishedAtMs };
}

async function retiringKey(text: KeyText): Promise<RetiringKey> {
  const { retiredAtMs } = text;
  if (!isCount(retiredAtMs)) throw keyRingInvalid('a retiring key does not say since when');
  return { ...(await publishedKey(text)), retiredAtMs };
}

function refuseRepeated(what: string, ids: readonly string[]): void {
  if (new Set(ids).size !== ids.length) throw keyRingInvalid(`a ${what} stands twice`);
}

function isSameText(text: string, content: RingContent): boolean {
  return isDeepStrictEqual(parseRingJson(text), JSON.parse(JSON.stringify(textOf(content))));
}

function textOf({ active, next, retiring, keepMs, sessionSecrets }: RingContent): RingText {
  return {
    zkpAuthKeys: 2,
    keys: [
      keyText('active', active),
      keyText('next', next),
      ...retiring.map((key) => ({ ...keyText('retiring', key), retiredAtMs: key.retiredAtMs })),
    ],
    ...(keepMs === 0 ? {} : { keepMs }),
    sessionSecrets: sessionSecrets.map(formatSessionSecret),
  };
}

function keyText(state: KeyText['state'], { jwk, publishedAtMs }: PublishedKey): KeyText {
  return { jwk, state, publishedAtMs };
}
