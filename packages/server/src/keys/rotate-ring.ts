import type { RingClock } from './ring-clock.js';
import type { RingContent, RetiringKey } from './ring-content.js';
import type { StoredKey } from './stored-key.js';

/**
 * How long a key is kept after the expiry of its last token. Verification allows clocks to differ by five seconds,
 * and a process may take another five to read the ring.
 */
const leewayMs = 10_000;

/** The ring with its next key active, its active key retiring, and `newKey` next. */
export function rotateRing(content: RingContent, newKey: StoredKey, nowMs: number): RingContent {
  return {
    ...content,
    active: content.next,
    next: { ...newKey, publishedAtMs: nowMs },
    retiring: [...content.retiring, { ...content.active, retiredAtMs: nowMs }],
  };
}

/** The ring with each retired key kept for at least this long. */
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
