import { VaultKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf } from './failure-of.ts';
import { stubAuthenticator } from './fake-authenticator.ts';
import { Records } from './records.ts';
import { addCredential, addDevice } from './second-device.ts';
import { type Network, startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

// The devices of one account over the real server. Alice has a phone and a laptop, each with a key of its own.

const pin = '482913';
const newPin = '738294';
const wrongPin = '604917';
const minuteMs = 60_000;
const code = (expected: string) => expect.objectContaining({ code: expected });

let server: TestServer;
let nowMs: number;
let records: Records;
let phone: ZkpAuthClient;
let phoneId: string;
let laptop: ZkpAuthClient;
let laptopId: string;
/** The laptop's key of before. */
let formerId: string;

const clientOver = (of: Records): ZkpAuthClient =>
  new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new VaultKeyStorage(of),
    timeoutMs: 5_000,
  });

beforeEach(async () => {
  // A proof is sent again after pauses that are a random share of their bound.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  nowMs = Date.now();
  server = await startServer({ now: () => nowMs });
  records = new Records();
  phone = clientOver(records);
  phoneId = (await phone.register('alice', pin, { deviceName: 'Phone' })).credentialId;
  const added = await addDevice(server, { userId: 'alice', pin, addedBy: phoneId });
  ({ client: laptop, credentialId: laptopId, replacedId: formerId } = added);
});
afterEach(async () => {
  server.network = {};
  await Promise.all([phone.idle(), laptop.idle()]);
  await server.stop();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A fault that hits the first request to a path. */
function once(kind: 'dropRequest' | 'dropAnswer', path: string): Network {
  let left = 1;
  return { [kind]: (asked: string) => asked === path && left-- > 0 };
}

/** A fault that hits every request to a path. */
const always = (kind: 'dropRequest' | 'dropAnswer', path: string): Network => ({
  [kind]: (asked: string) => asked === path,
});

/** The code and the outcome of a call that fails, after which the network works again. */
function failing(call: Promise<unknown>): Promise<string> {
  return failureOf(call).finally(() => (server.network = {}));
}

const stateOf = async (credentialId: string): Promise<string | undefined> =>
  (await phone.listCredentials()).find((one) => one.credentialId === credentialId)?.state;
const hasKey = (of: ZkpAuthClient): Promise<boolean> => of.hasLocalKey('alice');
const alarms = (): string[] =>
  server.events.map(({ type }) => type).filter((type) => type === 'record_clone_suspected');

/** Try wrong PINs on the laptop until its PIN is locked. */
async function lockLaptop(tries = 10): Promise<void> {
  for (let n = 0; n < tries; n++) {
    nowMs += 30 * minuteMs;
    await expect(laptop.login('alice', wrongPin)).rejects.toEqual(code('DECRYPTION_FAILED'));
  }
  nowMs += 30 * minuteMs;
  await expect(laptop.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
}

describe('the list of devices', () => {
  it('has names, kinds, states and origins, and says which one asks', async () => {
    const kit = await addCredential(server, { userId: 'alice', kind: 'recovery', deviceName: null });
    const pendingUntilMs = nowMs + minuteMs;
    const tablet = await addCredential(server, {
      userId: 'alice',
      addedBy: kit.credentialId,
      pendingUntilMs,
    });
    const listed = await phone.listCredentials();
    expect(listed).toHaveLength(5);
    expect(listed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          credentialId: phoneId,
          kind: 'device',
          state: 'live',
          name: 'Phone',
          addedBy: null,
          createdAtMs: expect.any(Number),
          lastUsedAtMs: expect.any(Number),
          pinLocked: false,
          current: true,
        }),
        expect.objectContaining({
          credentialId: laptopId,
          state: 'live',
          name: 'Laptop',
          addedBy: phoneId,
          current: false,
        }),
        expect.objectContaining({
          credentialId: kit.credentialId,
          kind: 'recovery',
          state: 'live',
          name: null,
        }),
        expect.objectContaining({ credentialId: tablet.credentialId, state: 'pending', pendingUntilMs }),
      ]),
    );
    const asLaptop = await laptop.listCredentials();
    expect(asLaptop.filter(({ current }) => current).map((one) => one.credentialId)).toEqual([laptopId]);
  });

  it('is nobody’s without a session', async () => {
    await phone.signOut();
    expect(await failing(phone.listCredentials())).toBe('NO_SESSION nothing');
    expect(await failing(phone.revokeCredential(laptopId, pin))).toBe('NO_SESSION nothing');
    expect(await stateOf(laptopId).catch(() => null)).toBeNull();
  });
});

describe('whether this device can be lost', () => {
  it('is no after a registration, and yes with another device that signs in or a kit', async () => {
    const bob = clientOver(new Records());
    const { session } = await bob.register('bob', pin);
    expect(session?.waysBack).toEqual({ otherDevices: 0, recoveryKit: false });
    const none = { answer: false, otherDevices: 0, recoveryKit: false };
    expect(await bob.canLoseThisDevice()).toEqual(none);
    await addCredential(server, { userId: 'bob', pendingUntilMs: nowMs + minuteMs });
    expect(await bob.canLoseThisDevice()).toEqual(none);
    nowMs += minuteMs;
    expect(await bob.canLoseThisDevice()).toEqual({ answer: true, otherDevices: 1, recoveryKit: false });
    await addCredential(server, { userId: 'bob', kind: 'recovery', deviceName: null });
    expect(await bob.canLoseThisDevice()).toEqual({ answer: true, otherDevices: 1, recoveryKit: true });
  });

  it('is no while the PIN of the only other device is locked, or after that was revoked', async () => {
    expect(await phone.canLoseThisDevice()).toMatchObject({ answer: true, otherDevices: 1 });
    await lockLaptop();
    expect(await phone.canLoseThisDevice()).toMatchObject({ answer: false, otherDevices: 0 });
    await phone.unlockPin(laptopId, pin);
    expect(await phone.canLoseThisDevice()).toMatchObject({ answer: true });
    await phone.revokeCredential(laptopId, pin);
    expect(await phone.canLoseThisDevice()).toMatchObject({ answer: false });
  });

  it('is an error if the server does not say', async () => {
    server.network = always('dropAnswer', '/credentials');
    expect(await failing(phone.canLoseThisDevice())).toBe('NETWORK_ERROR nothing');
    await phone.signOut();
    await expect(phone.canLoseThisDevice()).rejects.toEqual(code('NO_SESSION'));
  });
});

describe('a new name', () => {
  const path = '/credentials/rename';
  const rename = () => phone.renameCredential(laptopId, 'Work', pin);
  const name = async () =>
    (await phone.listCredentials()).find(({ credentialId }) => credentialId === laptopId)?.name;

  it('is given to any device of the account, by the PIN of this one', async () => {
    await rename();
    expect(await name()).toBe('Work');
    expect(await failing(phone.renameCredential(laptopId, 'Mine', wrongPin))).toBe(
      'DECRYPTION_FAILED nothing',
    );
    const strange = Buffer.alloc(16).toString('base64url');
    expect(await failing(phone.renameCredential(strange, 'Mine', pin))).toBe('CREDENTIAL_NOT_FOUND nothing');
    await expect(phone.renameCredential(laptopId, '', pin)).rejects.toThrow(TypeError);
    expect(await name()).toBe('Work');
  });

  it.each(['dropRequest', 'dropAnswer'] as const)('is given after one %s, and told so', async (kind) => {
    server.network = once(kind, path);
    await rename();
    server.network = {};
    expect(await name()).toBe('Work');
    expect(server.events.filter(({ type }) => type === 'credential_renamed')).toHaveLength(1);
  });

  it('is unknown while no answer comes, and another call gives it', async () => {
    server.network = always('dropRequest', path);
    expect(await failing(rename())).toBe('NETWORK_ERROR unknown');
    expect(await name()).toBe('Laptop');
    await rename();
    expect(await name()).toBe('Work');
  });
});

describe('another device that is revoked', () => {
  const path = '/credentials/revoke';
  const revoke = () => phone.revokeCredential(laptopId, pin);

  it('is out at once, and the answer names what it had added', async () => {
    const tablet = await addCredential(server, { userId: 'alice', addedBy: laptopId });
    expect(await revoke()).toEqual({ credentialId: laptopId, added: [tablet.credentialId] });
    expect(await phone.getSession()).toMatchObject({ credentialId: phoneId });
    await expect(laptop.fetch('/me')).rejects.toMatchObject({ code: 'SESSION_ENDED', ended: 'revoked' });
    expect(laptop.getSnapshot()).toMatchObject({ session: null, endedBecause: 'revoked' });
    expect(await revoke()).toEqual({ credentialId: laptopId, added: [tablet.credentialId] });
    expect(alarms()).toEqual([]);
  });

  it.each(['dropRequest', 'dropAnswer'] as const)(
    'is revoked after one %s, with the same answer',
    async (kind) => {
      const tablet = await addCredential(server, { userId: 'alice', addedBy: laptopId });
      server.network = once(kind, path);
      expect(await revoke()).toEqual({ credentialId: laptopId, added: [tablet.credentialId] });
      server.network = {};
      expect(await stateOf(laptopId)).toBe('revoked');
      await phone.login('alice', pin);
    },
  );

  it('may be revoked or not if no answer comes, and another call settles it', async () => {
    server.network = { dropAnswer: (asked) => asked.startsWith('/credentials') };
    expect(await failing(revoke())).toBe('NETWORK_ERROR unknown');
    expect(await stateOf(laptopId)).toBe('revoked');
    expect(await revoke()).toEqual({ credentialId: laptopId, added: [] });
    expect(await hasKey(phone)).toBe(true);
  });

  it.each(['before', 'after'] as const)('survives a crash of this page %s the server acts', async (when) => {
    const crashed = new Promise<void>((resolve) => {
      const crash = (asked: string): boolean => {
        if (asked !== path) return false;
        phone.close();
        resolve();
        return true;
      };
      server.network = when === 'before' ? { dropRequest: crash } : { dropAnswer: crash };
    });
    const call = revoke().catch((error: unknown) => error);
    await crashed;
    expect(await call).toMatchObject({ code: 'CLIENT_CLOSED', outcome: 'unknown' });
    server.network = {};
    phone = clientOver(new Records(records.values));
    await phone.login('alice', pin);
    await vi.waitFor(async () =>
      expect(await stateOf(laptopId)).toBe(when === 'before' ? 'live' : 'revoked'),
    );
    expect(await revoke()).toMatchObject({ credentialId: laptopId });
  });

  it('may be revoked in two tabs at once, and both say so', async () => {
    const tab = clientOver(records);
    await tab.login('alice', pin);
    expect(await Promise.all([revoke(), tab.revokeCredential(laptopId, pin)])).toEqual([
      { credentialId: laptopId, added: [] },
      { credentialId: laptopId, added: [] },
    ]);
    expect(server.events.filter(({ type }) => type === 'credential_revoked')).toHaveLength(1);
    await phone.login('alice', pin);
  });

  it('of two devices that revoke each other, one stays, and the other is told', async () => {
    const outcomes = await Promise.allSettled([
      phone.revokeCredential(laptopId, pin, { evenTheLast: true }),
      laptop.revokeCredential(phoneId, pin, { evenTheLast: true }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [winner, loser] = outcomes[0].status === 'fulfilled' ? [phone, laptop] : [laptop, phone];
    await expect(loser.login('alice', pin)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
    expect(await hasKey(loser)).toBe(true);
    await winner.login('alice', pin);
  });
});

describe('this device that revokes itself', () => {
  const path = '/credentials/revoke';
  const revokeMe = () => laptop.revokeCredential(laptopId, pin);

  it('is signed out and forgets its key, and the account goes on', async () => {
    expect(await revokeMe()).toEqual({ credentialId: laptopId, added: [] });
    expect(laptop.getSnapshot()).toMatchObject({
      session: null,
      endedSession: null,
      endedBecause: 'signed-out',
    });
    expect(await hasKey(laptop)).toBe(false);
    expect(await stateOf(laptopId)).toBe('revoked');
    await phone.login('alice', pin);
  });

  it('is revoked also by the id of a key that it has replaced, as an old list names it', async () => {
    expect(await laptop.revokeCredential(formerId, pin)).toEqual({ credentialId: laptopId, added: [] });
    expect(laptop.getSnapshot()).toMatchObject({ session: null, endedBecause: 'signed-out' });
    expect(await hasKey(laptop)).toBe(false);
  });

  it('is the last one only if the person says so: otherwise nothing has changed', async () => {
    await phone.revokeCredential(laptopId, pin);
    expect(await failing(phone.revokeCredential(phoneId, pin))).toBe('LAST_CREDENTIAL nothing');
    expect(await hasKey(phone)).toBe(true);
    await phone.listCredentials();
    await phone.login('alice', pin);
    await phone.revokeCredential(phoneId, pin, { evenTheLast: true });
    expect(await hasKey(phone)).toBe(false);
    expect(await phone.getSession()).toBeNull();
  });

  it('stays signed in after a refusal, and a later end of its session is told', async () => {
    await phone.revokeCredential(laptopId, pin);
    expect(await failing(phone.revokeCredential(phoneId, pin))).toBe('LAST_CREDENTIAL nothing');
    await server.auth.endAllSessions('alice');
    await expect(phone.fetch('/me')).rejects.toEqual(code('SESSION_ENDED'));
    expect(phone.getSnapshot()).toMatchObject({ session: null, endedBecause: 'ended-elsewhere' });
  });

  it('knows it after a lost answer, by a login that is refused', async () => {
    server.network = once('dropAnswer', path);
    expect(await revokeMe()).toEqual({ credentialId: laptopId, added: [] });
    expect(await hasKey(laptop)).toBe(false);
    expect(laptop.getSnapshot()).toMatchObject({ session: null, endedBecause: 'signed-out' });
  });

  it('keeps its key while the outcome is unknown, and hears of it at the next login', async () => {
    server.network = { dropAnswer: (asked) => [path, '/refresh', '/verify'].includes(asked) };
    expect(await failing(revokeMe())).toMatch(/^(NETWORK_ERROR|SESSION_ENDED) unknown$/);
    expect(await hasKey(laptop)).toBe(true);
    await expect(laptop.login('alice', pin)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
    await laptop.removeLocalKey('alice');
  });

  it('that the server never heard of keeps its key and its session', async () => {
    server.network = always('dropRequest', path);
    expect(await failing(revokeMe())).toBe('NETWORK_ERROR unknown');
    expect(await laptop.getSession()).toMatchObject({ credentialId: laptopId });
    await laptop.login('alice', pin);
  });

  it('says that it is done if the disk fails after it', async () => {
    const storage = new VaultKeyStorage(new Records());
    const { client, credentialId } = await addDevice(server, {
      userId: 'alice',
      pin,
      addedBy: phoneId,
      storage,
    });
    vi.spyOn(storage, 'deleteKey').mockRejectedValueOnce(new Error('full'));
    const told: string[] = [];
    const onOutcome = (outcome: string): void => void told.push(outcome);
    await expect(client.revokeCredential(credentialId, pin, { onOutcome })).rejects.toThrow('full');
    expect(told).toEqual(['done']);
    await expect(client.login('alice', pin)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
  });
});

describe('a locked PIN', () => {
  const path = '/credentials/unlock-pin';

  it('of another device is unlocked twice a day, and its owner signs in there', async () => {
    expect(await phone.unlockPin(laptopId, pin)).toBe(false);
    expect(await failing(phone.unlockPin(phoneId, pin))).toBe('CREDENTIAL_NOT_FOUND nothing');
    await lockLaptop();
    await phone.login('alice', pin);
    expect(await phone.unlockPin(laptopId, pin)).toBe(true);
    await lockLaptop(3);
    expect(await phone.unlockPin(laptopId, pin)).toBe(true);
    await lockLaptop(3);
    await expect(phone.unlockPin(laptopId, pin)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      outcome: 'nothing',
      retryAfterMs: expect.any(Number),
    });
    nowMs += 24 * 60 * minuteMs;
    await phone.login('alice', pin);
    expect(await phone.unlockPin(laptopId, pin)).toBe(true);
    await laptop.login('alice', pin);
  });

  it.each(['dropRequest', 'dropAnswer'] as const)('is unlocked once after one %s', async (kind) => {
    await lockLaptop();
    await phone.login('alice', pin);
    server.network = once(kind, path);
    expect(await phone.unlockPin(laptopId, pin)).toBe(true);
    server.network = {};
    expect(server.events.filter(({ type }) => type === 'pin_unlocked')).toHaveLength(1);
    await laptop.login('alice', pin);
  });
});

describe('a device that waits for its recovery', () => {
  const path = '/recover/stop';
  const kitAndTablet = async () => {
    const kit = await addCredential(server, { userId: 'alice', kind: 'recovery', deviceName: null });
    const pendingUntilMs = nowMs + minuteMs;
    const tablet = await addCredential(server, {
      userId: 'alice',
      addedBy: kit.credentialId,
      pendingUntilMs,
    });
    return { kit: kit.credentialId, tablet: tablet.credentialId };
  };

  it('is stopped, alone or with its kit, and a device that signs in is not', async () => {
    const one = await kitAndTablet();
    await phone.stopRecovery(one.tablet, pin);
    expect(await stateOf(one.tablet)).toBe('revoked');
    expect(await stateOf(one.kit)).toBe('live');
    const two = await kitAndTablet();
    await phone.stopRecovery(two.tablet, pin, { revokeKit: true });
    expect(await stateOf(two.tablet)).toBe('revoked');
    expect(await stateOf(two.kit)).toBe('revoked');
    expect(await failing(phone.stopRecovery(laptopId, pin))).toBe('CREDENTIAL_NOT_FOUND nothing');
  });

  it.each(['dropRequest', 'dropAnswer'] as const)('is stopped after one %s', async (kind) => {
    const { kit, tablet } = await kitAndTablet();
    server.network = once(kind, path);
    await phone.stopRecovery(tablet, pin, { revokeKit: true });
    server.network = {};
    expect(await stateOf(tablet)).toBe('revoked');
    expect(await stateOf(kit)).toBe('revoked');
  });
});

describe('a deleted account', () => {
  const path = '/account/delete';
  const drop = () => phone.deleteAccount('alice', pin);
  const isDeleted = async () => (await server.auth.listCredentials('alice')).length === 0;

  it('is gone here and at the server, in all its devices', async () => {
    await drop();
    expect(await isDeleted()).toBe(true);
    expect(await hasKey(phone)).toBe(false);
    expect(phone.getSnapshot()).toMatchObject({
      session: null,
      endedSession: null,
      endedBecause: 'signed-out',
    });
    await expect(laptop.fetch('/me')).rejects.toEqual(code('SESSION_ENDED'));
    await expect(laptop.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    await expect(phone.register('alice', pin)).rejects.toEqual(code('USER_ID_TAKEN'));
  });

  it('takes the PIN, and the name of the person who is signed in', async () => {
    expect(await failing(phone.deleteAccount('alice', wrongPin))).toBe('DECRYPTION_FAILED nothing');
    expect(await failing(phone.deleteAccount('bob', pin))).toBe('NO_SESSION nothing');
    expect(await isDeleted()).toBe(false);
    await phone.login('alice', pin);
  });

  it.each(['dropRequest', 'dropAnswer'] as const)('is deleted after one %s, and told so', async (kind) => {
    server.network = once(kind, path);
    await drop();
    expect(await isDeleted()).toBe(true);
    expect(await hasKey(phone)).toBe(false);
    expect(await phone.getSession()).toBeNull();
  });

  it('that the server never heard of keeps its key and its session', async () => {
    server.network = always('dropRequest', path);
    expect(await failing(drop())).toBe('NETWORK_ERROR unknown');
    expect(await phone.getSession()).toMatchObject({ userId: 'alice' });
    await phone.login('alice', pin);
    await drop();
    expect(await isDeleted()).toBe(true);
  });

  /** Lose the first request, after an act of the operator. */
  const meanwhile = (act: () => Promise<unknown>): Network => ({
    ...once('dropRequest', path),
    before: async (asked) => {
      if (asked === path) await act();
    },
  });

  it('of a user who is suspended meanwhile is not taken for deleted: the key stays', async () => {
    server.network = meanwhile(() => server.auth.suspendUser('alice'));
    expect(await failing(drop())).toBe('SESSION_ENDED unknown');
    expect(await hasKey(phone)).toBe(true);
    await server.auth.resumeUser('alice');
    await phone.login('alice', pin);
  });

  it('whose session somebody ends meanwhile is not taken for deleted: a login goes well', async () => {
    server.network = meanwhile(() => server.auth.endAllSessions('alice'));
    expect(await failing(drop())).toBe('SESSION_ENDED unknown');
    expect(await isDeleted()).toBe(false);
    expect(await hasKey(phone)).toBe(true);
    expect(await phone.getSession()).toMatchObject({ userId: 'alice' });
    await drop();
    expect(await isDeleted()).toBe(true);
  });

  it('whose page has crashed is gone, and this device can forget its key', async () => {
    const crashed = new Promise<void>((resolve) => {
      server.network = {
        dropAnswer: (asked) => {
          if (asked !== path) return false;
          phone.close();
          resolve();
          return true;
        },
      };
    });
    const call = drop().catch((error: unknown) => error);
    await crashed;
    expect(await call).toMatchObject({ code: 'CLIENT_CLOSED', outcome: 'unknown' });
    server.network = {};
    await vi.waitFor(async () => expect(await isDeleted()).toBe(true));
    phone = clientOver(new Records(records.values));
    await expect(phone.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    await phone.removeLocalKey('alice');
    expect(await hasKey(phone)).toBe(false);
  });

  it('is deleted by one of two tabs, and the other one ends', async () => {
    const tab = clientOver(records);
    await tab.login('alice', pin);
    const outcomes = await Promise.allSettled([drop(), tab.deleteAccount('alice', pin)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await isDeleted()).toBe(true);
    expect(await hasKey(tab)).toBe(false);
  });
});

describe('a device that was revoked elsewhere is told so,', () => {
  const revoked = { code: 'CREDENTIAL_REVOKED', outcome: 'nothing' };
  const keepsKey = async () => expect(await hasKey(laptop)).toBe(true);

  it('at a login, in two requests, and its session ends with that reason', async () => {
    await phone.revokeCredential(laptopId, pin);
    server.requests.length = 0;
    await expect(laptop.login('alice', pin)).rejects.toMatchObject(revoked);
    expect(server.requests.slice(0, 2)).toEqual(['/challenge', '/verify']);
    await laptop.idle();
    expect(server.requests.filter((asked) => asked === '/verify')).toHaveLength(1);
    expect(laptop.getSnapshot()).toMatchObject({ session: null, endedBecause: 'revoked' });
    await keepsKey();
    await laptop.removeLocalKey('alice');
    expect(laptop.getSnapshot().endedSession).toBeNull();
  });

  it('after a lost answer at the next login', async () => {
    await phone.revokeCredential(laptopId, pin);
    server.network = once('dropAnswer', '/verify');
    expect(await failing(laptop.login('alice', pin))).toBe('NETWORK_ERROR unknown');
    await expect(laptop.login('alice', pin)).rejects.toMatchObject(revoked);
    await keepsKey();
  });

  it.each([
    ['changePin', () => laptop.changePin('alice', pin, newPin)],
    ['exportKeyBlob', () => laptop.exportKeyBlob('alice', pin)],
    ['renameCredential', () => laptop.renameCredential(laptopId, 'Mine', pin)],
    ['revokeCredential', () => laptop.revokeCredential(phoneId, pin)],
    ['deleteAccount', () => laptop.deleteAccount('alice', pin)],
  ])('at %s, which has done nothing', async (_, act) => {
    await phone.revokeCredential(laptopId, pin);
    await expect(act()).rejects.toMatchObject(revoked);
    expect(laptop.getSnapshot()).toMatchObject({ session: null });
    await keepsKey();
    expect(await stateOf(phoneId)).toBe('live');
    expect(alarms()).toEqual([]);
  });

  it('by its passkey also when its PIN is locked: ten tries in all are answered', async () => {
    stubAuthenticator();
    vi.stubGlobal('location', { hostname: '127.0.0.1', origin: server.url, href: `${server.url}/` });
    await laptop.addPasskeyUnlock('alice', pin);
    await phone.revokeCredential(laptopId, pin);
    await lockLaptop();
    await expect(laptop.login('alice', { passkey: true })).rejects.toMatchObject(revoked);
    await keepsKey();
    expect(alarms()).toEqual([]);
  });

  it('but not a copy whose PIN was replaced before: that stays an alarm', async () => {
    const old = new Records();
    const storage = new VaultKeyStorage(old);
    const { client } = await addDevice(server, { userId: 'alice', pin, addedBy: phoneId, storage });
    const copy = clientOver(new Records(old.values));
    await client.changePin('alice', pin, newPin);
    const { credentialId } = (await client.getSession()) ?? { credentialId: '' };
    await phone.revokeCredential(credentialId, pin);
    await expect(client.login('alice', newPin)).rejects.toMatchObject(revoked);
    await expect(copy.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    await vi.waitFor(() => expect(alarms()).not.toEqual([]));
  });

  it('also if it was revoked during the renewal behind a login', async () => {
    await laptop.login('alice', wrongPin).catch(() => undefined);
    let left = 1;
    server.network = {
      before: async (asked) => {
        if (asked === '/pin' && left-- > 0) await server.auth.revokeCredential('alice', laptopId);
      },
    };
    await laptop.login('alice', pin);
    await laptop.idle();
    expect(left).toBe(0);
    expect(laptop.getSnapshot()).toMatchObject({ session: null, endedBecause: 'revoked' });
    await expect(laptop.login('alice', pin)).rejects.toMatchObject(revoked);
    await keepsKey();
    expect(alarms()).toEqual([]);
  });
});
