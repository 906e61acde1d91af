import { createHash } from 'node:crypto';

interface Argon2Options {
  password: Uint8Array;
  salt: Uint8Array;
  parallelism: number;
  iterations: number;
  memorySize: number;
}

/**
 * Stands in for hash-wasm where a test opens keys by the thousand and does not look at what that costs: as good as
 * Argon2id for a test's PINs, at a thousandth of the time.
 */
export async function argon2id({ password, salt, ...cost }: Argon2Options): Promise<Uint8Array> {
  const { parallelism, iterations, memorySize } = cost;
  const parameters = JSON.stringify([parallelism, iterations, memorySize]);
  return Uint8Array.from(createHash('sha256').update(parameters).update(salt).update(password).digest());
}
