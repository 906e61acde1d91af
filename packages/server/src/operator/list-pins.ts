import type { Engine } from '../engine.js';
import { attemptsLeftOf, strayTriesOf } from '../stores/try-policy.js';
import type { Pin } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';

/** One enrolled pinId, for the owner or an operator to see. */
export interface PinSummary {
  /** SHA-256 of the pinId, in base64url. */
  pinHash: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  attemptsLeft: number;
  /** Tries at its PIN since it was chosen that no proof has followed, those before its last renewals included. */
  strayTries: number;
  /** Whether it is refused until tries are granted. */
  locked: boolean;
  /** Milliseconds since 1970. */
  enrolledAtMs: number;
  /** `null` while it may be tried. */
  retiredAtMs: number | null;
}

/** The pins of the credentials that are listed of a user, retired ones included; none where assistance is off. */
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
  const { pinHash, credentialId, enrolledAtMs, retiredAtMs } = pin;
  const [attemptsLeft, strayTries] = [attemptsLeftOf(pin), strayTriesOf(pin)];
  const locked = attemptsLeft === 0;
  return { pinHash, credentialId, attemptsLeft, strayTries, locked, enrolledAtMs, retiredAtMs };
}
