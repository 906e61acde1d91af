import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NewDevice, Opener } from '../link-client.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { type ServerPlace, type SessionProcess, startSessionProcess } from '../session-process.js';
import { newSessionKey, TestBrowser } from '../test-browser.js';

let postgres: PostgresServer;
let folder: string;
const running: SessionProcess[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-links-'));
}, 60_000);
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.kill()));
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

describe.each(['SQLite', 'PostgreSQL'] as const)('two processes on %s', (engine) => {
  const placeOf = async (name: string): Promise<ServerPlace> => {
    const keyFile = join(folder, `${engine}-${name}.json`);
    if (engine === 'SQLite') return { sqlite: join(folder, `${name}.db`), keyFile };
    await postgres.open(`links_${name}`);
    return { postgres: postgres.config(`links_${name}`), keyFile };
  };
  const start = async (place: ServerPlace): Promise<SessionProcess> => {
    const server = await startSessionProcess(place);
    running.push(server);
    return server;
  };
  /** E signed in at a process. */
  const signedIn = async ({ auth }: SessionProcess): Promise<Opener> => {
    const keys = generateKeyPair();
    const browser = new TestBrowser(auth, await newSessionKey());
    await browser.register('alice', keys);
    const key = { userId: 'alice', keys, credentialId: credentialIdOf(keys.publicKey), pinId: null };
    return new Opener(auth.calls, browser, key);
  };
  const at = (e: Opener, { auth }: SessionProcess): Opener =>
    Object.assign(new Opener(auth.calls, e.browser, e.key), {
      linkId: e.linkId,
      code: e.code,
      nonce: e.nonce,
    });
  const outcomeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  it('serve each step in turn, and each may be killed after any of its answers', async () => {
    const place = await placeOf('turns');
    const [a, b] = [await start(place), await start(place)];
    const e = await (await signedIn(a)).open();
    const n = await new NewDevice(b.auth.calls).claim(e.code);
    await a.auth.calls.offerLink(n.offerBody());
    await a.kill();
    const c = await start(place);
    const seen = await at(e, b).look();
    await at(e, c).reveal();
    await b.kill();
    const m = Object.assign(new NewDevice(c.auth.calls), n, { calls: c.auth.calls });
    expect(await m.digits()).toBe(e.digits(seen));
    const last = at(e, c);
    await last.approve(await last.approval(seen));
    expect(await m.state()).toEqual({ state: 'approved' });
    const browser = new TestBrowser(c.auth, await newSessionKey());
    expect(await browser.login('alice', n.keys)).toMatchObject({ credentialId: n.credentialId });
  });

  it('let one offer win, and one of approvals and rejections that race', async () => {
    const place = await placeOf('races');
    const [a, b] = [await start(place), await start(place)];
    const e = await signedIn(a);
    for (const rival of ['approve', 'reject', 'approve', 'reject'] as const) {
      await e.open();
      const devices = await Promise.all(
        [a, b, a, b].map(({ auth }) => new NewDevice(auth.calls).claim(e.code)),
      );
      const offers = await Promise.all(devices.map((device) => outcomeOf(device.offer())));
      expect(offers.filter((outcome) => outcome === 'done')).toHaveLength(1);
      const seen = await e.look();
      await e.reveal();
      const there = at(e, b);
      const [mine, theirs] = [await e.approval(seen), await there.approval(seen)];
      const outcomes = await Promise.all([
        outcomeOf(e.approve(mine)),
        outcomeOf(rival === 'approve' ? there.approve(theirs) : there.reject()),
      ]);
      expect(outcomes.toSorted()).toEqual(['LINK_STATE_CHANGED', 'done']);
      const winner = devices[offers.indexOf('done')] as NewDevice;
      const isApproved = (await e.read()).state === 'approved';
      expect(isApproved).toBe(rival === 'approve' || outcomes[0] === 'done');
      const listed = await a.auth.listCredentials('alice');
      expect(listed.some(({ credentialId }) => credentialId === winner.credentialId)).toBe(isApproved);
    }
  });
});
