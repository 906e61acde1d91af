import { expect } from 'vitest';

/** Ask until what is read is as expected, for as long as a person on a slow machine would wait. */
export const soon = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 30_000, interval: 60 });
