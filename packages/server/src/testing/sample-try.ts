import { randomBytes } from 'node:crypto';
import type { PinTry } from '../stores/pin-store.js';

/** A question that no other try asks. */
export function sampleTry(): PinTry {
  return {
    questionHash: randomBytes(32).toString('base64url'),
    challengeHash: randomBytes(16).toString('base64url'),
  };
}
