import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { linkCommitment, type LinkOpening, opensLinkCommitment } from './link-commitment.js';
import { linkDigits } from './link-digits.js';

// A relay, such as a server in wrong hands, stands between both devices and gives each of them a key of its own.

/** 32 bytes that are the same in every run of this test. */
const fixed = (...name: (string | number)[]): Uint8Array => hash('sha256', name.join(' '), 'buffer');
const server = { audience: 'https://api.example', userId: 'alice' };
const runs = 2_000;
/** The relay is given three digits instead of six to make equal, so that the test is short. */
const shown = (digits: string): string => digits.slice(-3);
const tries = 20_000;

/** One link, as each device sees it. The relay chose the values that have its name. */
function relayed(run: number) {
  const opening = { ...server, publicKey: fixed('E', run), nonce: fixed('nonceE', run) };
  const forged = { ...server, publicKey: fixed('relay E', run), nonce: fixed('relay nonceE', run) };
  const linkId = fixed('link', run).subarray(0, 16);
  const [newPublicKey, newNonce] = [fixed('N', run), fixed('nonceN', run)];
  return {
    forged,
    /** N has the relay's key and commitment. */
    digitsOfN: (revealed: LinkOpening) => linkDigits({ ...revealed, newPublicKey, linkId, newNonce }),
    /** E has the relay's new key. */
    digitsOfE: (relayNonce = fixed('relay nonceN', run)) =>
      linkDigits({ ...opening, newPublicKey: fixed('relay N', run), linkId, newNonce: relayNonce }),
  };
}

/** The first of many values of the relay that makes both devices show the same. */
const grind = (wanted: string, show: (n: number) => string): number | undefined =>
  Array.from({ length: tries }, (_, n) => n).find((n) => show(n) === wanted);

describe('a relay that puts its own keys between two devices', () => {
  it('is seen by the digits', () => {
    const equal = Array.from({ length: runs }, (_, run) => relayed(run)).filter(
      ({ digitsOfN, digitsOfE, forged }) => digitsOfN(forged) === digitsOfE(),
    );
    expect(equal).toEqual([]);
  });

  it('cannot open its commitment otherwise once it knows the digits that it needs', () => {
    const { forged } = relayed(0);
    const commitment = linkCommitment(forged);
    expect(opensLinkCommitment(commitment, forged)).toBe(true);
    for (let n = 0; n < tries; n++) {
      const change = n % 2 === 0 ? { nonce: fixed('other', n) } : { publicKey: fixed('other', n) };
      if (opensLinkCommitment(commitment, { ...forged, ...change })) expect.fail(`opened by ${n}`);
    }
  });

  it('would win in seconds if its key were not under the commitment', () => {
    const { digitsOfN, digitsOfE, forged } = relayed(1);
    const found = grind(shown(digitsOfE()), (n) =>
      shown(digitsOfN({ ...forged, publicKey: fixed('ground', n) })),
    );
    expect(found).toBeDefined();
  });

  it('would win in seconds if E revealed its nonce before it had that of N', () => {
    const { digitsOfN, digitsOfE, forged } = relayed(2);
    const found = grind(shown(digitsOfN(forged)), (n) => shown(digitsOfE(fixed('ground', n))));
    expect(found).toBeDefined();
  });
});
