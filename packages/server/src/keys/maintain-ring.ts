import type { KeyRingSettings } from './key-ring-options.js';
import type { RingClock } from './ring-clock.js';
import type { RingContent } from './ring-content.js';
import { keptFor, rotateRing, withoutExpired } from './rotate-ring.js';
import { generateStoredKey, type StoredKey } from './stored-key.js';

/** What is to be done to a ring by the clock. */
export interface Maintenance {
  content: RingContent;
  /** What differs from the ring that was given, in words; empty if it may stay. */
  due: readonly string[];
}

/**
 * Have keys kept for as long as this process needs them, times that lie in the future corrected, keys that nobody
 * needs dropped, and the ring rotated if that is due.
 */
export async function maintainRing(
  content: RingContent,
  settings: KeyRingSettings,
  clock: RingClock,
): Promise<Maintenance> {
  const { alg, rotateEveryMs, publishMs, keepMs } = settings;
  const nowMs = clock.now();
  const due: string[] = [];
  const kept = keptFor(content, keepMs);
  if (kept !== content) due.push(`keys are to be kept for ${keepMs} ms after they retired`);
  const dated = withNextPublishedBy(kept, clock);
  if (dated !== kept) due.push('the next key is to be dated now');
  const current = withoutExpired(dated, clock);
  const dropped = dated.retiring.length - current.retiring.length;
  if (dropped > 0) due.push(`${dropped} retired key(s) are to be dropped`);
  // The next key has been next for as long as the active one has been active.
  const isOld = nowMs - current.next.publishedAtMs >= rotateEveryMs;
  if (!isOld || !clock.hasSeenNextFor(publishMs)) return { content: current, due };
  const rotated = rotateRing(current, await generateNextKey(current, alg), nowMs);
  return { content: rotated, due: [...due, 'the keys are to rotate'] };
}

/** A key to be next: of another algorithm than the one before only if that is asked for. */
export function generateNextKey({ next }: RingContent, alg: KeyRingSettings['alg']): Promise<StoredKey> {
  return generateStoredKey(alg ?? next.key.alg);
}

/** Only the next key's time is corrected in the ring, because all its processes rotate by it. */
function withNextPublishedBy(content: RingContent, clock: RingClock): RingContent {
  const { next } = content;
  if (!clock.isAhead(next.publishedAtMs)) return content;
  return { ...content, next: { ...next, publishedAtMs: clock.now() } };
}
