import { createHash } from 'node:crypto';

interface Argon2Options {
  password: Uint8Array;
  salt: Uint8Array;
  parallelism: number;
  iterations: number;
  memorySize: number;
}

/**
 * Replaces hash-wasm in tests that open thousands of keys and do not check the cost. For a test's PINs it is as good as
 * Argon2id, in a thousandth of the time.
 */
export async function argon2id({ password, salt, ...cost }: Argon2Options): Promise<Uint8Array> {
  const { parallelism, iterations, memorySize } = cost;
  const parameters = JSON.stringify([parallelism, iterations, memorySize]);
  return Uint8Array.from(createHash('sha256').update(parameters).update(salt).update(password).digest());
}
