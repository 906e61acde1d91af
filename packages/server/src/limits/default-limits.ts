/** How often something may happen in a period. */
export interface Limit {
  /** How many uses of one key are allowed in a window, at least 1. */
  max: number;
  /**
   * The length of a window, in milliseconds: whole seconds, at most 24 days. The first use of a key begins its
   * window.
   */
  perMs: number;
}

/**
 * The member by which a limit counts, or `everyone` for one count of all requests. Only a verified proof tells the user and
 * the credential of a request.
 */
export type CountedBy = 'address' | 'userId' | 'credentialId' | 'everyone';

export type LimitName =
  | 'registrationsByAddress'
  | 'keyRotationsByUser'
  | 'pinChangesByCredential'
  | 'linkGuessesByAddress'
  | 'linkGuessesByEveryone'
  | 'recoveryKitsByUser'
  | 'recoveriesByUser';

const hourMs = 3_600_000;

/**
 * The table of limits and their defaults. The numbers are far above honest use. A school class may register behind
 * one address. A client that enrols all 32 pinIds of a credential reaches the bound on pinIds before this limit.
 */
export const defaultLimits: Readonly<Record<LimitName, Readonly<Limit & { countedBy: CountedBy }>>> = {
  /** Registrations. An unknown address is not counted. */
  registrationsByAddress: { countedBy: 'address', max: 100, perMs: hourMs },
  /** Replaced keys, over all credentials of the user. */
  keyRotationsByUser: { countedBy: 'userId', max: 10, perMs: hourMs },
  /** PINs that are enrolled for an existing credential by renewals, changes, exports and imports. */
  pinChangesByCredential: { countedBy: 'credentialId', max: 60, perMs: hourMs },
  /** Wrong codes of links. An unknown address is not counted. */
  linkGuessesByAddress: { countedBy: 'address', max: 20, perMs: 600_000 },
  /** Wrong codes of links, from all addresses. */
  linkGuessesByEveryone: { countedBy: 'everyone', max: 100, perMs: 1_000 },
  /** Recovery kits that are made. */
  recoveryKitsByUser: { countedBy: 'userId', max: 10, perMs: hourMs },
  /** Devices that recovery kits bring. */
  recoveriesByUser: { countedBy: 'userId', max: 10, perMs: hourMs },
};
