/** How often something may happen in a time. */
export interface Limit {
  /** How many uses of one key are let through, at least 1. */
  max: number;
  /** How long a window lasts, in milliseconds: whole seconds, at most 24 days. The first use of a key begins its window. */
  perMs: number;
}

/** What a limit counts by. Only a proof that was verified says which user and which credential a request is of. */
export type CountedBy = 'address' | 'userId' | 'credentialId';

export type LimitName = 'registrationsByAddress' | 'keyRotationsByUser' | 'pinChangesByCredential';

const hourMs = 3_600_000;

/**
 * The table of limits, and their defaults. The numbers are far above what an honest person does: a school class
 * registers behind one address, and somebody who fills all of a credential's pinIds hears of that bound, which is 32,
 * and not of the limit.
 */
export const defaultLimits: Readonly<Record<LimitName, Readonly<Limit & { countedBy: CountedBy }>>> = {
  /** Users that are registered. An address that is unknown is not counted. */
  registrationsByAddress: { countedBy: 'address', max: 100, perMs: hourMs },
  /** Keys that are replaced, whichever of the user's credentials. */
  keyRotationsByUser: { countedBy: 'userId', max: 10, perMs: hourMs },
  /** PINs that are enrolled for a credential that exists: renewals, changes, exports, imports. */
  pinChangesByCredential: { countedBy: 'credentialId', max: 60, perMs: hourMs },
};
