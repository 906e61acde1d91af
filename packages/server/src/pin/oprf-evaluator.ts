/** The group arithmetic of the OPRF (RFC 9497, ristretto255). Elements and scalars have 32 bytes. */
export interface OprfEvaluator {
  /** Whether these bytes are the canonical encoding of an element other than the identity. */
  isElement(bytes: Uint8Array): boolean;
  /** The element times the scalar. Callers pass only elements that {@link isElement} accepts. */
  evaluate(scalar: Uint8Array, blinded: Uint8Array): Uint8Array;
  /** 64 bytes, little-endian, modulo the group's order. */
  readonly reduce: (bytes: Uint8Array) => Uint8Array;
}
