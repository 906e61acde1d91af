/** The longest body of a route, in bytes. */
export const maxBodyBytes: number = 16 * 1024;

/** The longest body of a confirmed request, in bytes, unless the guard names another limit. */
export const maxConfirmedBytes = 102_400;
