import { ZkpAuthError } from '@zkp-auth/core';
import type { SealMark } from './sealed-text.js';

/** The newest sealed ring that a process has read. */
export interface SeenRing {
  /** `null` before the first reading. */
  ringId: string | null;
  generation: number;
  /** The version of its content. */
  version: number | null;
}

/**
 * Refuse a sealed ring that is not a successor of the ring that was read before. It is another ring, an older
 * generation, a ring of an earlier release without a mark, or a different ring of the same generation.
 *
 * @throws {@link ZkpAuthError} `KEY_RING_REPLACED`.
 */
export function refuseIfReplaced(
  { mark, version }: { mark: SealMark | null; version: number },
  seen: SeenRing,
): void {
  const { ringId, generation } = mark ?? { ringId: null, generation: 0 };
  if (seen.ringId !== null && ringId !== seen.ringId)
    throw replaced('it is another ring than the one in use');
  if (generation < seen.generation) {
    throw replaced(`it is of generation ${generation}, and ${seen.generation} is the least that is accepted`);
  }
  if (generation === seen.generation && seen.version !== null && version !== seen.version) {
    throw replaced(`it is another ring of generation ${generation} than the one in use`);
  }
}

function replaced(reason: string): ZkpAuthError {
  return new ZkpAuthError(
    'KEY_RING_REPLACED',
    `The sealed ring of signing keys in the store is not taken over: ${reason}. Somebody put it there. If that was on purpose, start all servers again.`,
  );
}
