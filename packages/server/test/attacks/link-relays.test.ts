import { encodeBase64url, generateKeyPair, type KeyPair, randomBytes } from '@zkp-auth/core';
import { linkCommitment, linkDigits } from '@zkp-auth/core/linking';
import { beforeEach, expect, it } from 'vitest';
import {
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
} from '../../src/index.js';
import { NewDevice, type Opener } from '../link-client.js';
import { type LinkServer, startLinkServer } from '../link-server.js';
import { bytesOf } from '../pin-client.js';
import { audience } from '../test-client.js';

let server: LinkServer;
beforeEach(async () => {
  const stores = {
    challenges: new InMemoryChallengeStore(),
    credentials: new InMemoryCredentialStore(),
    sessions: new InMemorySessionStore(),
  };
  server = await startLinkServer({ stores, pins: new InMemoryPinStore() });
});

/**
 * N behind a relay: the person entered E's code into a device whose every answer the relay writes. The relay offers a
 * key of its own to E, and plays E towards N.
 */
class Victim extends NewDevice {
  relayed = '';

  override async state() {
    return { state: 'revealed' as const, expiresInMs: 600_000, nonce: this.relayed };
  }
}

/** The relay's own link towards N: the key that it shows as XE, its nonce, and what N got from its claim. */
interface Relay {
  keys: KeyPair;
  nonce: Uint8Array;
  /** The relay's device, which makes the offer that E sees. */
  device: NewDevice;
  victim: Victim;
}

/** The relay has claimed E's link, and lets N claim a link with these values. */
async function between(
  e: Opener,
  change: { publicKey?: Uint8Array; commitment?: Uint8Array; keys?: KeyPair } = {},
): Promise<Relay> {
  const keys = change.keys ?? generateKeyPair();
  const nonce = randomBytes(32);
  const device = await server.newDevice().claim(e.code);
  const { userId } = device.link;
  const publicKey = change.publicKey ?? keys.publicKey;
  const commitment = change.commitment ?? linkCommitment({ audience, userId, publicKey, nonce });
  const victim = new Victim(server.auth.calls);
  victim.claimed = {
    ...device.link,
    publicKey: encodeBase64url(publicKey),
    commitment: encodeBase64url(commitment),
  };
  return { keys, nonce, device, victim };
}

it('a relay that swaps keys on both sides shows other digits to N than E computes', async () => {
  const e = await (await server.signIn()).open();
  const { device, victim, nonce } = await between(e);
  await device.offer();
  const seen = await e.look();
  await e.reveal();
  victim.relayed = encodeBase64url(nonce);
  expect(await victim.digits()).not.toBe(e.digits(seen));
});

it('a relay that passes E’s key and commitment on cannot answer with another nonce', async () => {
  const e = await (await server.signIn()).open();
  const commitment = linkCommitment({
    audience,
    userId: 'alice',
    publicKey: e.key.keys.publicKey,
    nonce: e.nonce,
  });
  const { victim, nonce } = await between(e, { publicKey: e.key.keys.publicKey, commitment });
  victim.relayed = encodeBase64url(nonce);
  await expect(victim.digits()).rejects.toThrow('LINK_TAMPERED');
  // With E's own nonce, N shows digits over its own key, which E was never offered.
  victim.relayed = encodeBase64url(e.nonce);
  const device = await server.newDevice().claim(e.code);
  await device.offer();
  expect(await victim.digits()).not.toBe(e.digits(await e.look()));
});

it('a relay that grinds towards N after it saw E’s nonce finds no key that its commitment opens', async () => {
  const e = await (await server.signIn()).open();
  const { device, victim, nonce, keys } = await between(e);
  await device.offer();
  const seen = await e.look();
  await e.reveal();
  const wanted = e.digits(seen);
  const { userId } = device.link;
  const digitsWith = (publicKey: Uint8Array, own: Uint8Array) =>
    linkDigits({
      audience,
      userId,
      publicKey,
      newPublicKey: victim.keys.publicKey,
      linkId: bytesOf(device.link.linkId),
      nonce: own,
      newNonce: victim.nonce,
    });
  // The relay is free in its nonce only, and N checks each one against the commitment that it stored at its claim.
  let isFound = false;
  for (let tries = 0; tries < 50_000 && !isFound; tries++) {
    const ground = randomBytes(32);
    isFound = digitsWith(keys.publicKey, ground).slice(0, 3) === wanted.slice(0, 3);
    if (isFound) victim.relayed = encodeBase64url(ground);
  }
  expect(isFound).toBe(true);
  await expect(victim.digits()).rejects.toThrow('LINK_TAMPERED');
  victim.relayed = encodeBase64url(nonce);
  expect(await victim.digits()).toBe(digitsWith(keys.publicKey, nonce));
});

it('a relay that grinds towards E after it saw N’s nonce has offered its key already, and the server takes no other', async () => {
  const e = await (await server.signIn()).open();
  const { device, victim } = await between(e);
  await device.offer();
  const { nonce: newNonce } = victim;
  const ground = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const other = new NewDevice(server.auth.calls);
      Object.assign(other, { nonce: newNonce, code: e.code, claimed: device.link });
      return other.offer().then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
    }),
  );
  expect(ground).toEqual(Array.from({ length: 5 }, () => 'LINK_NOT_FOUND'));
  // The same key again with a ground nonce is answered by the state, and changes nothing of what E sees.
  const nonce = encodeBase64url(randomBytes(32));
  await device.offer(device.offerBody({ claim: { nonce } }));
  expect((await e.look()).nonce).toEqual(device.nonce);
});

it('without E’s nonce a relay computes no digits: the server reveals it after the offer is fixed, and to nobody else', async () => {
  const e = await (await server.signIn()).open();
  const device = await server.newDevice().claim(e.code);
  expect(JSON.stringify(device.link)).not.toContain(encodeBase64url(e.nonce));
  expect(JSON.stringify(await device.offer())).not.toContain(encodeBase64url(e.nonce));
  await expect(device.digits()).rejects.toThrow('nothing is revealed');
  await e.reveal();
  const { linkId } = device.link;
  const credentialId = server.alice.credentialId;
  await expect(server.auth.calls.offerState({ linkId, code: e.code, credentialId })).rejects.toMatchObject({
    code: 'LINK_NOT_FOUND',
  });
});
