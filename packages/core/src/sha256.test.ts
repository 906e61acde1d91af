import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 as noble } from './sha256.js';
import { sha256 as native } from './sha256.node.js';

it('the two builds hash alike, whatever the view', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, from) => {
      const view = bytes.subarray(from);
      expect([...native(view)]).toEqual([...noble(view)]);
    }),
  );
});
