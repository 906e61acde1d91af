import type { ChallengeStore } from '../src/index.js';

/** A store as an application may have written it, without marks. It is asked to keep each challenge. */
export function withoutMarks(store: ChallengeStore): ChallengeStore {
  return {
    set: (id, bytes, ttlMs) => store.set(id, bytes, ttlMs),
    consumeIfLive: (id) => store.consumeIfLive(id),
  };
}
