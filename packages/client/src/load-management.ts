import * as management from './management.js';

/**
 * What a plain sign-in does not need. It comes with the chunk on demand. A chunk of its own would import that chunk by its
 * address, which some browsers never fetch again after a failure (decision 59).
 */
export const loadManagement = (): Promise<typeof management> => Promise.resolve(management);
