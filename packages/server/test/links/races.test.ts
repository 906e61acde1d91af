import { encodeBase64url } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isZkpAuthError } from '../../src/index.js';
import { type EveryStore, startEveryStore, storeNames } from '../every-store.js';
import type { NewDevice } from '../link-client.js';
import { type LinkServer, newPin, revealedLink, startLinkServer } from '../link-server.js';
import { keyRotation, loginWithPin } from '../pin-client.js';

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

/** The outcome of each call of a race, `done` or the code of its refusal. */
const outcomes = (calls: readonly Promise<unknown>[]): Promise<string[]> =>
  Promise.all(
    calls.map((call) =>
      call.then(
        () => 'done',
        (error: unknown) => (isZkpAuthError(error) ? error.code : String(error)),
      ),
    ),
  );

/** Whether the account has the new device, with its PIN, or nothing of it. */
async function expectAllOrNothing({ credentials, pins }: LinkServer, device: NewDevice, added: boolean) {
  const credential = await credentials.find('alice', device.credentialId);
  expect(credential !== null).toBe(added);
  if (credential?.revokedAtMs === null)
    expect(
      (await pins.listOf(device.credentialId)).filter(({ retiredAtMs }) => retiredAtMs === null),
    ).toHaveLength(1);
  if (credential === null) expect(await pins.listOf(device.credentialId)).toEqual([]);
}

describe.each(storeNames)('races for a link, on %s:', (name) => {
  const start = async () => startLinkServer(await every.open(name));

  it('of offers, one wins, and the others are told that the code is spent', async () => {
    const server = await start();
    const e = await (await server.signIn()).open();
    const devices = await Promise.all(
      Array.from({ length: 4 }, () => server.newDevice().claim(e.code, newPin)),
    );
    const outcome = await outcomes(devices.map((device) => device.offer()));
    expect(outcome.toSorted()).toEqual(['LINK_NOT_FOUND', 'LINK_NOT_FOUND', 'LINK_NOT_FOUND', 'done']);
    const winner = devices[outcome.indexOf('done')] as NewDevice;
    expect(encodeBase64url((await e.look()).publicKey)).toBe(encodeBase64url(winner.keys.publicKey));
  });

  it('the same offer several times at once is one offer', async () => {
    const server = await start();
    const e = await (await server.signIn()).open();
    const device = await server.newDevice().claim(e.code, newPin);
    const body = device.offerBody();
    expect(await outcomes([1, 2, 3].map(() => device.offer(body)))).toEqual(['done', 'done', 'done']);
    expect(server.types().filter((type) => type === 'link_offered')).toHaveLength(1);
  });

  it('of approvals, one succeeds, and the device keeps its PIN', async () => {
    const server = await start();
    const { opener, device, seen } = await revealedLink(server);
    const bodies = await Promise.all([1, 2, 3].map(() => opener.approval(seen)));
    const outcome = await outcomes(bodies.map((body) => opener.approve(body)));
    expect(outcome.toSorted()).toEqual(['LINK_STATE_CHANGED', 'LINK_STATE_CHANGED', 'done']);
    await expectAllOrNothing(server, device, true);
    expect((await loginWithPin(server.auth, device.record, newPin)).attemptsLeft).toBe(9);
  });

  it('an approval and a rejection, one of them', async () => {
    const server = await start();
    for (let times = 0; times < 4; times++) {
      const { opener, device, seen } = await revealedLink(server);
      const body = await opener.approval(seen);
      const calls = [() => opener.approve(body), () => opener.reject()];
      if (times % 2 === 1) calls.reverse();
      const outcome = await outcomes(calls.map((call) => call()));
      if (times % 2 === 1) outcome.reverse();
      const added = outcome[0] === 'done';
      expect(outcome).toEqual(added ? ['done', 'LINK_STATE_CHANGED'] : ['LINK_STATE_CHANGED', 'done']);
      await expectAllOrNothing(server, device, added);
      expect(await device.state()).toEqual({ state: added ? 'approved' : 'rejected' });
    }
  });

  it.each(['revocation', 'suspension', 'rotation'] as const)(
    'an approval and a %s of E: afterwards no approval, and all or nothing of it before',
    async (end) => {
      const server = await start();
      const { auth, alice } = server;
      const ends = {
        revocation: () => auth.revokeCredential('alice', alice.credentialId),
        suspension: () => auth.suspendUser('alice'),
        rotation: async () => auth.calls.rotateKey((await keyRotation(auth, alice, undefined)).body),
      };
      const { opener, device, seen } = await revealedLink(server);
      const body = await opener.approval(seen);
      const [approved, ended] = await outcomes([opener.approve(body), ends[end]()]);
      expect(ended).toBe('done');
      await expectAllOrNothing(server, device, approved === 'done');
      if (end === 'suspension') {
        await expect(device.state()).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
        await auth.resumeUser('alice');
      }
      expect(await device.state()).toEqual({ state: approved === 'done' ? 'approved' : 'ended' });
    },
  );

  it.each(['revocation', 'suspension', 'rotation'] as const)(
    'after a %s of E nobody claims, offers or gets in, and a resumed user’s link stays ended',
    async (end) => {
      const server = await start();
      const { auth, alice } = server;
      const e = await (await server.signIn()).open();
      const n = await server.newDevice().claim(e.code, newPin);
      if (end === 'revocation') await auth.revokeCredential('alice', alice.credentialId);
      if (end === 'rotation') await auth.calls.rotateKey((await keyRotation(auth, alice, undefined)).body);
      if (end === 'suspension') {
        await auth.suspendUser('alice');
        await auth.resumeUser('alice');
      }
      const refused = { code: 'LINK_NOT_FOUND' };
      await expect(n.offer()).rejects.toMatchObject(refused);
      await expect(server.newDevice().claim(e.code)).rejects.toMatchObject(refused);
      await expect(e.read()).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      });
    },
  );

  it('expiry and an approval at its last moment', async () => {
    const server = await start();
    const { opener, device, seen } = await revealedLink(server);
    server.clock.nowMs += 599_999;
    // The access token of the first session has expired.
    const later = Object.assign(await server.signIn(), { linkId: opener.linkId });
    const [early, late] = [await later.approval(seen), await later.approval(seen)];
    server.clock.nowMs += 1;
    await expect(later.approve(late)).rejects.toMatchObject({ code: 'LINK_STATE_CHANGED' });
    await expectAllOrNothing(server, device, false);
    server.clock.nowMs -= 1;
    await later.approve(early);
    await expectAllOrNothing(server, device, true);
  });
});
