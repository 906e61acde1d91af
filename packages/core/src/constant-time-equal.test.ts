import fc from 'fast-check';
import { expect, it } from 'vitest';
import { constantTimeEqual } from './constant-time-equal.js';

it('agrees with a plain comparison', () => {
  const short = fc.uint8Array({ maxLength: 3, max: 2 });
  fc.assert(
    fc.property(short, short, (a, b) => {
      expect(constantTimeEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
    }),
    { numRuns: 500 },
  );
});
