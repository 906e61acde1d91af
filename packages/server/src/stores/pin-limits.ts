/** The most copies of its record that a credential may have under a PIN, on devices and in backups. */
export const maxLivePins = 32;

/**
 * How many retired pins of a credential are kept, the last retired ones, so that the use of an old copy is
 * recognized.
 */
export const maxRetiredPins = 32;

/** The most retired pins beyond that number that one enrolment deletes. */
export const maxPruned = 8;

/** The most live pins of a credential that are listed. Earlier releases let racing enrolments exceed the limit. */
export const maxListedPins = 64;
