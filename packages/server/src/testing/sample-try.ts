import { randomBytes } from 'node:crypto';
import type { OutstandingTry } from '../stores/pin-store.js';

/** A try like no other. */
export function sampleTry(): OutstandingTry {
  return {
    questionHash: randomBytes(32).toString('base64url'),
    challengeHash: randomBytes(16).toString('base64url'),
  };
}
