/** Registers a test: `it` or `test` of any runner. */
export type RegisterTest = (name: string, run: () => Promise<void>) => void;
