/** The version in package.json. A page and a worker compare it to detect that they were not built together. */
export const clientVersion = '0.1.0';
