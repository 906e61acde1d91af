import { encodeBase64url, generateKeyPair, randomBytes } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EveryStore, startEveryStore, storeNames } from '../every-store.js';
import { type LinkServer, newPin, pin, revealedLink, startLinkServer } from '../link-server.js';
import { askWithPin, guess, registerWithPin } from '../pin-client.js';
import { newSessionKey } from '../test-browser.js';
import { audience, proofBody } from '../test-client.js';

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

const code = (expected: string) => ({ code: expected });
const stranger = () => encodeBase64url(randomBytes(16));

describe.each(storeNames)('a link refuses, on %s,', (name) => {
  const start = async () => startLinkServer(await every.open(name));

  it('a claim, an offer and a reading by another code or link, all alike', async () => {
    const server = await start();
    const { opener, device } = await revealedLink(server);
    const other = await (await server.signIn()).open();
    const { linkId } = device.link;
    const offer = device.offerBody();
    const guesses = [
      () => server.newDevice().claim(opener.code),
      () => server.newDevice().claim('0'.repeat(10)),
      () => server.newDevice().offer({ ...offer, linkId: stranger(), publicKey: key() }),
      () => server.newDevice().offer({ ...offer, linkId: other.linkId }),
      () => server.newDevice().offer({ ...offer, code: other.code }),
      () => server.newDevice().offer({ ...offer, publicKey: key() }),
      () => server.auth.calls.offerState({ linkId, code: other.code, credentialId: device.credentialId }),
      () => server.auth.calls.offerState({ linkId, code: opener.code, credentialId: stranger() }),
      () =>
        server.auth.calls.offerState({
          linkId: stranger(),
          code: opener.code,
          credentialId: device.credentialId,
        }),
    ];
    for (const [n, guess] of guesses.entries())
      await expect(guess(), String(n)).rejects.toMatchObject(code('LINK_NOT_FOUND'));
  });

  it('every request of another credential, of the same user too', async () => {
    const server = await start();
    const { opener, device, seen } = await revealedLink(server);
    await opener.approve(await opener.approval(seen, pin));
    const second = await server.signIn({ ...device.record });
    const mallory = await server.signIn(await registerWithPin(server.auth, 'mallory', pin));
    const link = await revealedLink(server);
    const { linkId } = link.opener;
    for (const thief of [second, mallory]) {
      const body = await Object.assign(thief, { linkId }).approval(link.seen);
      for (const ask of [
        () => thief.read(linkId),
        () => thief.reveal(link.opener.nonce, linkId),
        () => thief.approve(body, linkId),
        () => thief.reject(linkId),
      ])
        await expect(ask()).rejects.toMatchObject(code('LINK_NOT_FOUND'));
    }
    expect(await link.device.state()).toMatchObject({ state: 'revealed' });
  });

  it('an offer that does not prove what it says, without spending the code', async () => {
    const server = await start();
    const e = await (await server.signIn()).open();
    const n = await server.newDevice().claim(e.code, newPin);
    const other = await server.newDevice().claim(e.code, newPin);
    const { challengeId, challenge } = other.link;
    const elsewhere = await (await server.signIn(await registerWithPin(server.auth, 'bob', pin))).open();
    const atBob = await server.newDevice().claim(elsewhere.code, newPin);
    const wrong = [
      n.offerBody({ keys: generateKeyPair() }),
      n.offerBody({ claim: { challengeId, challenge } }),
      n.offerBody({ claim: { challengeId: atBob.link.challengeId } }),
      n.offerBody({ claim: { userId: 'bob' } }),
      n.offerBody({ origin: 'https://evil.example' }),
      n.offerBody({ audience: 'https://evil.example' }),
      n.offerBody({ claim: { pin: { id: other.link.pin?.id } } }),
      n.offerBody({ claim: { pin: undefined } }),
    ];
    for (const [at, body] of wrong.entries())
      await expect(n.offer(body), String(at)).rejects.toMatchObject(code('PROOF_REJECTED'));
    server.clock.nowMs += 1;
    expect(await n.offer()).toMatchObject({ state: 'offered' });
    expect(server.types().filter((type) => type === 'link_offer_rejected')).toHaveLength(8);
  });

  it('the challenge of a claim of another link, by the same device', async () => {
    const server = await start();
    const e = await (await server.signIn()).open();
    const n = await server.newDevice().claim(e.code);
    const { challengeId, challenge } = n.link;
    await n.claim((await e.open()).code);
    const second = n.link;
    n.claimed = { ...second, challengeId, challenge };
    await expect(n.offer()).rejects.toMatchObject(code('PROOF_REJECTED'));
    n.claimed = second;
    expect(await n.offer()).toMatchObject({ state: 'offered' });
  });

  it('an offer by another address of the API than E’s, without spending the code', async () => {
    const server = await start();
    const other = 'https://other-api.example';
    const { calls } = await server.start({ audiences: [audience, other] });
    const e = await (await server.signIn()).open();
    const n = await Object.assign(server.newDevice(), { calls }).claim(e.code);
    await expect(n.offer(n.offerBody({ audience: other }))).rejects.toMatchObject(code('PROOF_REJECTED'));
    expect(server.events.at(-1)).toMatchObject({ type: 'link_offer_rejected', reason: 'audience' });
    expect(await n.offer()).toMatchObject({ state: 'offered' });
  });

  it('a step that is too early, a wrong nonce, and a proof that is no approval by E', async () => {
    const server = await start();
    const e = await (await server.signIn()).open();
    await expect(e.reveal()).rejects.toMatchObject(code('LINK_STATE_CHANGED'));
    const n = await server.newDevice().claim(e.code, newPin);
    await n.offer();
    const seen = await e.look();
    await expect(e.approve(await e.approval(seen))).rejects.toMatchObject(code('LINK_STATE_CHANGED'));
    await expect(e.reveal(randomBytes(32))).rejects.toMatchObject(code('INVALID_NONCE'));
    await e.reveal();
    await expect(e.reveal()).rejects.toMatchObject(code('LINK_STATE_CHANGED'));
    const bodies = [
      await e.approval({ ...seen, publicKey: generateKeyPair().publicKey }),
      await e.approval({ ...seen, pinHash: undefined }),
      await e.approval(seen, null, { keys: n.keys }),
      await e.approval(seen, null, { claim: { challengeId: n.link.challengeId } }),
    ];
    for (const [at, body] of bodies.entries())
      await expect(e.approve(body), String(at)).rejects.toMatchObject(code('PROOF_REJECTED'));
    const good = await e.approval(seen);
    await e.approve(good);
    await expect(e.approve(good)).rejects.toMatchObject(code('LINK_STATE_CHANGED'));
    await expect(e.reject()).rejects.toMatchObject(code('LINK_STATE_CHANGED'));
  });

  it('a key that is registered already, in any link, and a credential beyond 32', async () => {
    const server = await start();
    const { opener, device, seen } = await revealedLink(server);
    await opener.approve(await opener.approval(seen, pin));
    const again = await (await server.signIn()).open();
    const copy = server.newDevice();
    Object.assign(copy, { keys: device.keys, credentialId: device.credentialId });
    await copy.claim(again.code);
    await copy.offer();
    const offered = await again.look();
    await again.reveal();
    await expect(again.approve(await again.approval(offered))).rejects.toMatchObject(code('USER_ID_TAKEN'));
    expect(await again.read()).toMatchObject({ state: 'revealed' });
    for (let n = 2; n < 32; n++) {
      const { publicKey } = generateKeyPair();
      const credentialId = stranger();
      const added = {
        userId: 'alice',
        credentialId,
        publicKey,
        deviceName: null,
        createdAtMs: server.clock.nowMs,
      };
      await server.credentials.addCredential({
        ...added,
        kind: 'device',
        addedBy: null,
        pendingUntilMs: null,
      });
    }
    const full = await revealedLink(server);
    const before = await guess(server.auth, server.alice, 'wrong');
    await expect(full.opener.approve(await full.opener.approval(full.seen, pin))).rejects.toMatchObject(
      code('CREDENTIAL_LIMIT_REACHED'),
    );
    expect(await server.pins.listOf(full.device.credentialId)).toEqual([]);
    // The valid proof gave its try back.
    expect((await guess(server.auth, server.alice, 'wrong again')).attemptsLeft).toBe(
      before.attemptsLeft - 1,
    );
  });

  it('a pin of another credential in a challenge for an approval, without counting it', async () => {
    const server = await start();
    const bob = await registerWithPin(server.auth, 'bob', pin);
    const { credentialId } = server.alice;
    const subject = { purpose: 'link-device', userId: 'alice', credentialId } as const;
    for (const pinId of [bob.pinId, stranger()])
      await expect(askWithPin(server.auth, subject, pin, pinId)).rejects.toMatchObject(code('PIN_LOCKED'));
    expect((await guess(server.auth, bob, pin)).attemptsLeft).toBe(9);
  });

  it('a claim after twenty, and a session without a key', async () => {
    const server = await start();
    const e = await (await server.signIn()).open();
    for (let n = 0; n < 20; n++) await server.newDevice().claim(e.code);
    await expect(server.newDevice().claim(e.code)).rejects.toMatchObject(code('LINK_NOT_FOUND'));
    const bare = await server.start();
    const { token } = await bare.calls.verify(await loginBody(server));
    const body = { commitment: encodeBase64url(randomBytes(32)) };
    const facts = { authorization: `Bearer ${token}`, method: 'POST', path: '/auth/links' };
    await expect(bare.calls.openLink(body, facts)).rejects.toMatchObject(code('SESSION_KEY_REQUIRED'));
    await expect(bare.calls.openLink(body, { ...facts, authorization: '' })).rejects.toMatchObject(
      code('UNAUTHENTICATED'),
    );
    const thief = await newSessionKey();
    const stolen = await e.browser.facts('POST', '/auth/links', {
      accessToken: e.browser.current.token,
      key: thief,
    });
    await expect(bare.calls.openLink(body, stolen)).rejects.toMatchObject(code('INVALID_DPOP_PROOF'));
  });
});

const key = (): string => encodeBase64url(generateKeyPair().publicKey);

function loginBody({ auth, alice }: LinkServer) {
  return proofBody(auth.calls.challenge, 'login', 'alice', { keys: alice.keys });
}
