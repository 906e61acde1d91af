import { Buffer } from 'node:buffer';
import { createPublicKey, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { computeProof, generateKeyPair, verifyProof } from '@zkp-auth/core';
import { median, type Ratio } from './ratio.ts';

const rounds = 31;

/** Compare native verification of a known credential with bare crypto.verify with a cached key, and with noble. */
export function benchVerify(): Ratio[] {
  const { publicKey, secretKey } = generateKeyPair();
  const message = new Uint8Array(32).fill(7);
  const proof = computeProof(secretKey, message);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const ours = (): boolean => verifyProof(publicKey, message, proof);
  const bare = (): boolean => verify(null, message, key, proof);
  const noble = (): boolean => ed25519.verify(proof, message, publicKey);
  for (const check of [ours, bare, noble]) if (!check()) throw new Error('the proof does not verify');

  const toBare: number[] = [];
  const toNoble: number[] = [];
  perSecond(ours, 2_000);
  for (let round = 0; round < rounds; round++) {
    // Pairs in alternating order, so that other work of the machine affects both alike.
    const [a, b] =
      round % 2 === 0
        ? [perSecond(ours, 500), perSecond(bare, 500)]
        : [perSecond(bare, 500), perSecond(ours, 500)].toReversed();
    toBare.push((a as number) / (b as number));
    toNoble.push(perSecond(ours, 200) / perSecond(noble, 20));
  }
  return [
    { name: 'verifyProof of a known credential / bare crypto.verify', value: median(toBare), atLeast: 0.9 },
    { name: 'verifyProof of a known credential / noble ed25519.verify', value: median(toNoble), atLeast: 10 },
  ];
}

function perSecond(run: () => boolean, times: number): number {
  const started = process.hrtime.bigint();
  for (let i = 0; i < times; i++) run();
  return times / Number(process.hrtime.bigint() - started);
}
