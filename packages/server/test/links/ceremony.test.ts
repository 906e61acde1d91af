import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EveryStore, startEveryStore, storeNames } from '../every-store.js';
import { newPin, pin, revealedLink, startLinkServer } from '../link-server.js';
import { guess, loginWithPin } from '../pin-client.js';

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

describe.each(storeNames)('linking a device, on %s', (name) => {
  const start = async () => startLinkServer(await every.open(name));

  it('a new device gets in with its own key and PIN, and E’s PIN has all its tries', async () => {
    const server = await start();
    const { auth, events, types, alice, credentials, pins } = server;
    const e = await (await server.signIn()).open();
    expect(e.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
    expect(await e.read()).toEqual({ state: 'open', expiresInMs: 600_000 });

    const n = await server.newDevice().claim(e.code, newPin);
    expect(n.link).toMatchObject({ userId: 'alice', linkId: e.linkId, expiresInMs: 600_000 });
    expect(await n.offer()).toEqual({ state: 'offered', expiresInMs: 600_000 });
    expect(await pins.listOf(n.credentialId)).toEqual([]);
    const seen = await e.look();
    expect(await e.read()).toMatchObject({ state: 'offered', deviceName: 'Zoë’s tablet' });
    await e.reveal();
    expect(e.digits(seen)).toBe(await n.digits());
    await e.approve(await e.approval(seen, pin));

    expect(await n.state()).toEqual({ state: 'approved' });
    expect(await e.read()).toEqual({ state: 'approved' });
    expect(await n.login(auth, newPin)).toMatchObject({ userId: 'alice', credentialId: n.credentialId });
    expect((await loginWithPin(auth, alice, pin)).attemptsLeft).toBe(9);
    expect(await credentials.find('alice', n.credentialId)).toMatchObject({
      kind: 'device',
      addedBy: alice.credentialId,
      deviceName: 'Zoë’s tablet',
      pendingUntilMs: null,
    });
    expect(types().filter((type) => /link|added/.test(type))).toEqual([
      'link_opened',
      'link_offered',
      'link_approved',
      'credential_added',
    ]);
    const by = { sessionId: e.browser.current.sessionId, credentialId: alice.credentialId };
    expect(events.find(({ type }) => type === 'credential_added')).toMatchObject({
      userId: 'alice',
      credentialId: n.credentialId,
      deviceName: 'Zoë’s tablet',
      addedBy: alice.credentialId,
      by,
    });
  });

  it('a device without a PIN, and a link after a link, work too', async () => {
    const server = await start();
    const e = await server.signIn();
    for (let times = 0; times < 2; times++) {
      await e.open();
      const n = await server.newDevice().claim(e.code);
      await n.offer();
      const seen = await e.look();
      expect(seen.pinHash).toBeUndefined();
      await e.reveal();
      await e.approve(await e.approval(seen));
      expect(await n.login(server.auth)).toMatchObject({ credentialId: n.credentialId });
    }
  });

  it('a rejected, an ended and an expired link let nobody in, and say so for a day', async () => {
    const server = await start();
    const rejected = await revealedLink(server);
    await rejected.opener.reject();
    await rejected.opener.reject();
    const ended = await revealedLink(server);
    const opener = await server.signIn();
    const expired = await revealedLink(server, opener);
    expect(await ended.device.state()).toEqual({ state: 'ended' });
    expect(await opener.read(ended.opener.linkId)).toEqual({ state: 'ended' });
    server.clock.nowMs += 600_000;
    for (const [{ device }, state] of [
      [rejected, 'rejected'],
      [ended, 'ended'],
      [expired, 'expired'],
    ] as const) {
      expect(await device.state()).toEqual({ state });
      expect(await device.offer()).toEqual({ state });
      await expect(device.login(server.auth, newPin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
    }
    server.clock.nowMs += 86_400_000 - 1;
    expect(await expired.device.state()).toEqual({ state: 'expired' });
    await expect(rejected.device.state()).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
    server.clock.nowMs += 1;
    await expect(expired.device.state()).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
    expect(await server.auth.forgetExpiredSessions()).toBeGreaterThanOrEqual(0);
    expect(await server.auth.forgetExpiredSessions()).toBe(0);
  });

  it('the new device’s PIN is counted like any other', async () => {
    const server = await start();
    const { opener, device, seen } = await revealedLink(server);
    await opener.approve(await opener.approval(seen, pin));
    expect((await guess(server.auth, device.record, '000000')).output).not.toBe(device.record.output);
    expect((await loginWithPin(server.auth, device.record, newPin)).attemptsLeft).toBe(8);
  });
});
