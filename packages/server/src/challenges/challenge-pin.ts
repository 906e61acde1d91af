/**
 * The pinId that is evaluated with a challenge, by its SHA-256. The server has drawn it with the challenge, or the client
 * has named it. A named one costs a try, which the SHA-256 of the blinded PIN tells from others.
 */
export type ChallengePin =
  | { kind: 'drawn'; pinHash: Uint8Array; secretId: string }
  | { kind: 'named'; pinHash: Uint8Array; questionHash: Uint8Array };

/**
 * A pinId that a challenge drew. It is enrolled by the proof that uses the challenge up, or it never existed.
 */
export type DrawnPin = ChallengePin & { kind: 'drawn' };
