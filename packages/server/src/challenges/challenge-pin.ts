/**
 * The pinId that is evaluated with a challenge, by its SHA-256. Either the server drew it with the challenge, or the
 * client named it. A named one costs a try, which the SHA-256 of the blinded PIN identifies.
 */
export type ChallengePin =
  | { kind: 'drawn'; pinHash: Uint8Array; secretId: string }
  | { kind: 'named'; pinHash: Uint8Array; questionHash: Uint8Array };

/**
 * A pinId that was drawn with a challenge. The proof that uses the challenge up enrols it. Without that proof, the
 * pinId never existed.
 */
export type DrawnPin = ChallengePin & { kind: 'drawn' };
