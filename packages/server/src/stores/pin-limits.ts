/** How many copies of its record a credential may have under a PIN: devices' and backups'. */
export const maxLivePins = 32;

/** How many retired pins of a credential are kept, those retired last, so that use of an old copy is recognized. */
export const maxRetiredPins = 32;

/** How many retired pins beyond those one enrolment deletes at most. */
export const maxPruned = 8;

/** How many live pins of a credential are listed at most. Earlier releases let racing enrolments pass the limit. */
export const maxListedPins = 64;
