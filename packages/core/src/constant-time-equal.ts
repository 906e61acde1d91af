/**
 * Whether two byte strings are equal, in time that depends on their lengths only.
 *
 * The one place of this project where bytes are compared: `scripts/check-byte-equality.ts` holds every other
 * file to that.
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
