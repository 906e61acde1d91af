import { expect } from 'vitest';

/** Read again until the value is as expected, for as long as a person on a slow machine would wait. */
export const soon = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 30_000, interval: 60 });
