import type { Engine } from '../engine.js';
import { attemptsLeftOf, strayTriesOf } from '../stores/try-policy.js';
import type { Pin } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';

/** One enrolled pinId, as its owner or an operator sees it. */
export interface PinSummary {
  /** SHA-256 of the pinId, in base64url. */
  pinHash: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  attemptsLeft: number;
  /** Tries at this PIN since it was chosen that no proof followed. Tries before its last renewals are included. */
  strayTries: number;
  /** Whether it is refused until an operator grants tries. */
  locked: boolean;
  /** Milliseconds since 1970. */
  enrolledAtMs: number;
  /** `null` until it is retired. */
  retiredAtMs: number | null;
  /** When its credential was revoked, and no more tries are granted; `null` if it was not. */
  frozenAtMs: number | null;
}

/** The pins of a user's listed credentials, retired ones included. Empty if assistance is off. */
export async function listPins(engine: Engine, userId: string): Promise<PinSummary[]> {
  const { pinAssistance } = engine;
  if (pinAssistance === null) return [];
  const credentials = await storeCall(engine.credentials.list(userId));
  const pins = await Promise.all(
    credentials.map(({ credentialId }) => storeCall(pinAssistance.store.listOf(credentialId))),
  );
  return pins.flat().map(summaryOf);
}

function summaryOf(pin: Pin): PinSummary {
  const { pinHash, credentialId, enrolledAtMs, retiredAtMs, frozenAtMs } = pin;
  const [attemptsLeft, strayTries] = [attemptsLeftOf(pin), strayTriesOf(pin)];
  const locked = attemptsLeft === 0;
  return { pinHash, credentialId, attemptsLeft, strayTries, locked, enrolledAtMs, retiredAtMs, frozenAtMs };
}
