/** The version in package.json, by which a page and a worker that were not built together recognize each other. */
export const clientVersion = '0.1.0';
