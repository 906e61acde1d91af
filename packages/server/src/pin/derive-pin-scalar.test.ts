import { hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ristretto255_hasher, ristretto255_oprf } from '@noble/curves/ed25519.js';
import { encodeUtf8 } from '@zkp-auth/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScalarDeriver, derivePinScalar } from './derive-pin-scalar.js';
import { loadSodiumEvaluator } from './sodium-evaluator.js';

const { oprf } = ristretto255_oprf;
/** Evaluate (RFC 9497 section 3.3.1), which noble's types leave out. */
const { evaluate } = oprf as unknown as { evaluate(scalar: Uint8Array, input: Uint8Array): Uint8Array };
const evaluator = await loadSodiumEvaluator();
const { reduce } = evaluator;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const anyBytes = (least: number, most = least) => fc.uint8Array({ minLength: least, maxLength: most });

/** RFC 9497 section 4.1. */
const hashToGroup = (input: Uint8Array): Uint8Array =>
  ristretto255_hasher
    .hashToCurve(input, { DST: encodeUtf8('HashToGroup-OPRFV1-\u0000-ristretto255-SHA512') })
    .toBytes();

/** RFC 9497 appendix A.1.1: ristretto255-SHA512, OPRF mode. */
const rfc = {
  seed: new Uint8Array(32).fill(0xa3),
  keyInfo: encodeUtf8('test key'),
  skSm: '5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e',
  blind: bytes('64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706'),
  vectors: [
    {
      input: bytes('00'),
      blinded: '609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c',
      evaluated: '7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e',
      output:
        '527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6',
    },
    {
      input: new Uint8Array(17).fill(0x5a),
      blinded: 'da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418',
      evaluated: 'b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25',
      output:
        'f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73',
    },
  ],
};

describe('RFC 9497 appendix A.1.1', () => {
  it('DeriveKeyPair gives skSm', () => {
    expect(hex(createScalarDeriver(rfc.keyInfo)(reduce, rfc.seed))).toBe(rfc.skSm);
  });

  it.each(rfc.vectors)('evaluates $blinded', ({ input, blinded, evaluated, output }) => {
    // Blind: the input's element times the vector's scalar.
    const element = evaluator.evaluate(rfc.blind, hashToGroup(input));
    expect(hex(element)).toBe(blinded);
    expect(evaluator.isElement(element)).toBe(true);
    expect(hex(evaluator.evaluate(bytes(rfc.skSm), element))).toBe(evaluated);
    expect(hex(oprf.finalize(input, rfc.blind, bytes(evaluated)))).toBe(output);
  });
});

describe('docs/vectors/pin.json', () => {
  const { serverPinSecret, evaluations } = JSON.parse(
    readFileSync(new URL('../../../../docs/vectors/pin.json', import.meta.url), 'utf8'),
  ) as {
    serverPinSecret: string;
    evaluations: Record<'pinId' | 'scalar' | 'blinded' | 'evaluated', string>[];
  };

  it.each(evaluations)('pinId $pinId', ({ pinId, scalar, blinded, evaluated }) => {
    expect(hex(derivePinScalar(reduce, bytes(serverPinSecret), bytes(pinId)))).toBe(scalar);
    expect(hex(evaluator.evaluate(bytes(scalar), bytes(blinded)))).toBe(evaluated);
  });
});

describe('against @noble/curves', () => {
  it('derives the same secret keys from any seed and info', () => {
    fc.assert(
      fc.property(anyBytes(32), anyBytes(0, 100), (seed, info) => {
        expect(hex(createScalarDeriver(info)(reduce, seed))).toBe(
          hex(oprf.deriveKeyPair(seed, info).secretKey),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('derives the same key from a PIN secret and a pinId, by the seed that the protocol names', () => {
    fc.assert(
      fc.property(anyBytes(32, 64), anyBytes(16), (secret, pinId) => {
        const seed = new Uint8Array(hkdfSync('sha512', secret, pinId, 'zkp-auth/pin/2', 32));
        expect(hex(derivePinScalar(reduce, secret, pinId))).toBe(
          hex(oprf.deriveKeyPair(seed, encodeUtf8('zkp-auth/pin/2')).secretKey),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('evaluates alike, and what the client finalizes is the function itself', () => {
    fc.assert(
      fc.property(anyBytes(32), anyBytes(16), anyBytes(1, 64), (secret, pinId, input) => {
        const scalar = derivePinScalar(reduce, secret, pinId);
        const { blind, blinded } = oprf.blind(input);
        expect(evaluator.isElement(blinded)).toBe(true);
        const evaluated = evaluator.evaluate(scalar, blinded);
        expect(hex(evaluated)).toBe(hex(oprf.blindEvaluate(scalar, blinded)));
        expect(hex(oprf.finalize(input, blind, evaluated))).toBe(hex(evaluate(scalar, input)));
      }),
      { numRuns: 50 },
    );
  });

  it('derives the same from one seed however often, and after others', () => {
    const derive = createScalarDeriver(rfc.keyInfo);
    for (let i = 0; i < 3; i++) {
      expect(hex(derive(reduce, rfc.seed))).toBe(rfc.skSm);
      derive(reduce, new Uint8Array(32).fill(i));
    }
  });

  it('leaves its inputs as they were', () => {
    const [secret, pinId] = [new Uint8Array(32).fill(7), new Uint8Array(16).fill(9)];
    derivePinScalar(reduce, secret, pinId);
    expect([hex(secret), hex(pinId)]).toEqual(['07'.repeat(32), '09'.repeat(16)]);
  });
});

describe('bad elements', () => {
  const scalar = createScalarDeriver(rfc.keyInfo)(reduce, rfc.seed);
  const refusedByNoble = (element: Uint8Array): boolean => {
    try {
      oprf.blindEvaluate(scalar, element);
      return false;
    } catch {
      return true;
    }
  };

  it.each([
    ['the identity', '00'.repeat(32)],
    // RFC 9496 appendix A.2.
    ['a field element that is not reduced', `ed${'ff'.repeat(30)}7f`],
    ['one with its top bit set', `00${'00'.repeat(30)}80`],
    ['a negative field element', `01${'00'.repeat(31)}`],
    ['a non-square', '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371'],
    ['one with a negative product', '3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e'],
  ])('%s is refused', (_, element) => {
    expect(evaluator.isElement(bytes(element))).toBe(false);
    expect(refusedByNoble(bytes(element))).toBe(true);
  });

  it('any bytes are refused or accepted as noble does', () => {
    fc.assert(
      fc.property(anyBytes(32), (element) => {
        expect(evaluator.isElement(element)).toBe(!refusedByNoble(element));
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 1, 31, 33, 64])('%i bytes are no element', (length) => {
    expect(evaluator.isElement(new Uint8Array(length).fill(2))).toBe(false);
  });
});
