import type { OprfEvaluator } from './oprf-evaluator.js';

const elementLength = 32;

/** The evaluator on libsodium (WebAssembly), ten times as fast as one in JavaScript. The first call loads it. */
export async function loadSodiumEvaluator(): Promise<OprfEvaluator> {
  const { default: sodium } = await import('libsodium-wrappers-sumo');
  await sodium.ready;
  return {
    isElement: (bytes) =>
      bytes.length === elementLength &&
      // The identity is a valid point to libsodium.
      bytes.some((byte) => byte > 0) &&
      sodium.crypto_core_ristretto255_is_valid_point(bytes),
    evaluate: (scalar, blinded) => sodium.crypto_scalarmult_ristretto255(scalar, blinded),
    reduce: (bytes) => sodium.crypto_core_ristretto255_scalar_reduce(bytes),
  };
}
