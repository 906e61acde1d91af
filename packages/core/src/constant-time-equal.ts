/**
 * Whether two byte strings are equal, in time that depends on their lengths only.
 *
 * This is the only place in the project that compares bytes. `scripts/check-byte-equality.ts` checks every other
 * file.
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
