/** The group arithmetic of the OPRF (RFC 9497, ristretto255): elements and scalars of 32 bytes. */
export interface OprfEvaluator {
  /** Whether these bytes are the canonical encoding of an element other than the identity. */
  isElement(bytes: Uint8Array): boolean;
  /** The element times the scalar. Only ever called for what {@link isElement} accepts. */
  evaluate(scalar: Uint8Array, blinded: Uint8Array): Uint8Array;
}
