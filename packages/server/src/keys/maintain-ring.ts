import type { KeyRingSettings } from './key-ring-options.js';
import type { RingClock } from './ring-clock.js';
import type { RingContent } from './ring-content.js';
import { keptFor, rotateRing, withoutExpired } from './rotate-ring.js';
import { generateStoredKey, type StoredKey } from './stored-key.js';

/** The changes that are due in a ring. */
export interface Maintenance {
  content: RingContent;
  /** The differences from the given ring, in words; empty if the ring may stay as it is. */
  due: readonly string[];
}

/**
 * Keep keys for as long as this process needs them, correct times in the future, drop keys that nobody needs, and
 * rotate the ring if that is due.
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
  // The next key has been next for as long as the active key has been active.
  const isOld = nowMs - current.next.publishedAtMs >= rotateEveryMs;
  if (!isOld || !clock.hasSeenNextFor(publishMs)) return { content: current, due };
  const rotated = rotateRing(current, await generateNextKey(current, alg), nowMs);
  return { content: rotated, due: [...due, 'the keys are to rotate'] };
}

/** Generate a next key. It has the algorithm of the previous one unless another was asked for. */
export function generateNextKey({ next }: RingContent, alg: KeyRingSettings['alg']): Promise<StoredKey> {
  return generateStoredKey(alg ?? next.key.alg);
}

/** Only the next key's time is corrected in the ring, because all its processes rotate by it. */
function withNextPublishedBy(content: RingContent, clock: RingClock): RingContent {
  const { next } = content;
  if (!clock.isAhead(next.publishedAtMs)) return content;
  return { ...content, next: { ...next, publishedAtMs: clock.now() } };
}
