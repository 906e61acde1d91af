import type { RingClock } from './ring-clock.js';
import type { RingContent, RetiringKey } from './ring-content.js';
import type { StoredKey } from './stored-key.js';

/**
 * Between the expiry of the last token that a key signed and the moment the key is dropped: five seconds that
 * verification allows to clocks, and as many that a process may take to read the ring.
 */
const leewayMs = 10_000;

/** The ring with its next key active, its active one retiring, and `newKey` next. */
export function rotateRing(content: RingContent, newKey: StoredKey, nowMs: number): RingContent {
  return {
    ...content,
    active: content.next,
    next: { ...newKey, publishedAtMs: nowMs },
    retiring: [...content.retiring, { ...content.active, retiredAtMs: nowMs }],
  };
}

/** The ring that keeps each key for at least so long after it retired. */
export function keptFor(content: RingContent, keepMs: number): RingContent {
  return keepMs > content.keepMs ? { ...content, keepMs } : content;
}

/** The ring without the keys whose last token has expired. */
export function withoutExpired(content: RingContent, clock: RingClock): RingContent {
  const isNeeded = (key: RetiringKey): boolean =>
    clock.now() < clock.retiredAtMs(key) + content.keepMs + leewayMs;
  const retiring = content.retiring.filter(isNeeded);
  return retiring.length < content.retiring.length ? { ...content, retiring } : content;
}
