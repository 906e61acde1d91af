import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import type { Transaction } from 'kysely';
import { generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZkpAuthError } from '../src/index.js';
import { type EveryStore, startEveryStore, storeNames } from './every-store.js';
import { loginWithPin, registerWithPin } from './pin-client.js';
import { startRecoveryServer } from './recovery-server.js';
import { createTestAuth, login, register } from './test-client.js';

const pin = '493817';

interface AppTables {
  members: { name: string };
}

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

const refused = (code: string) => expect.objectContaining({ code });

describe.each(storeNames)('a registration with work of the application on %s', (name) => {
  it('is whole, or it is not at all, with the rows of the application', async () => {
    const faults = new Map<string, unknown>([
      ['bob', new Error('no seat left')],
      ['carol', new ZkpAuthError('REGISTRATION_DENIED')],
    ]);
    const { auth, opened, types } = await startRecoveryServer((now) => every.open(name, now), {
      onError: () => undefined,
      async afterRegistration({ userId, transaction }) {
        if (transaction !== undefined)
          await (transaction as Transaction<AppTables>)
            .insertInto('members')
            .values({ name: userId })
            .execute();
        if (faults.has(userId)) throw faults.get(userId);
      },
    });
    await opened.db?.schema.createTable('members').addColumn('name', 'text').execute();
    const alice = await registerWithPin(auth, 'alice', pin);
    await loginWithPin(auth, alice, pin);
    await expect(registerWithPin(auth, 'bob', pin)).rejects.toBe(faults.get('bob'));
    await expect(registerWithPin(auth, 'carol', pin)).rejects.toEqual(refused('REGISTRATION_DENIED'));
    for (const userId of ['bob', 'carol']) {
      expect(await auth.listCredentials(userId)).toEqual([]);
      expect(await auth.listPins(userId)).toEqual([]);
    }
    expect(types().filter((type) => type === 'registration_rejected:hook')).toHaveLength(2);
    if (opened.db !== undefined) {
      const members = await opened.db.selectFrom('members').selectAll().execute();
      expect(members).toEqual([{ name: 'alice' }]);
      expect(await opened.db.selectFrom('zkp_pins').selectAll().execute()).toHaveLength(1);
    }
    faults.clear();
    const keys = generateKeyPair();
    await register(auth, 'bob', { keys });
    await login(auth, 'bob', { keys });
  });

  it('does not wait for work that never ends, and takes nothing that comes too late', async () => {
    let tooLate: Promise<unknown> | undefined;
    const { auth, opened } = await startRecoveryServer((now) => every.open(name, now), {
      onError: () => undefined,
      afterRegistration: ({ transaction }) =>
        new Promise((_, reject) => {
          if (transaction === undefined) return;
          tooLate = sleep(2200).then(() =>
            (transaction as Transaction<AppTables>)
              .insertInto('members')
              .values({ name: 'late' })
              .execute()
              .catch(reject),
          );
        }),
    });
    await opened.db?.schema.createTable('members').addColumn('name', 'text').execute();
    await expect(register(auth, 'alice')).rejects.toThrow('afterRegistration took longer');
    expect(await auth.listCredentials('alice')).toEqual([]);
    await tooLate;
    if (opened.db !== undefined)
      expect(await opened.db.selectFrom('members').selectAll().execute()).toEqual([]);
  });
});

describe('a login that the application may refuse', () => {
  it.each([false, undefined, 1, 'yes'])('gets no session for %s, and keeps its key', async (answer) => {
    let answered: unknown = answer;
    const { auth, types } = await startRecoveryServer((now) => every.open('memory', now), {
      authorizeLogin: async ({ userId, facts }) => {
        expect([userId, facts.address]).toEqual(['alice', '192.0.2.7']);
        return answered as boolean;
      },
    });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    await auth.endAllSessions('alice');
    const facts = { address: '192.0.2.7' };
    await expect(login(auth, 'alice', { keys, facts })).rejects.toEqual(refused('LOGIN_DENIED'));
    expect(types()).toContain('login_rejected:denied');
    expect(await auth.listSessions('alice')).toEqual([]);
    answered = true;
    await login(auth, 'alice', { keys, facts });
  });

  it('asks for nobody who has not proven a key', async () => {
    const { auth } = await startRecoveryServer((now) => every.open('memory', now), {
      authorizeLogin: () => {
        throw new Error('asked');
      },
    });
    await register(auth, 'alice');
    await expect(login(auth, 'alice')).rejects.toEqual(refused('LOGIN_REJECTED'));
    await expect(login(auth, 'nobody')).rejects.toEqual(refused('LOGIN_REJECTED'));
  });

  it('gives the try of a right PIN back, so that a refusal locks nobody out', async () => {
    const { auth } = await startRecoveryServer((now) => every.open('memory', now), {
      authorizeLogin: () => false,
    });
    const alice = await registerWithPin(auth, 'alice', pin);
    for (let n = 0; n < 12; n++)
      await expect(loginWithPin(auth, alice, pin)).rejects.toEqual(refused('LOGIN_DENIED'));
    expect((await auth.listPins('alice'))[0]?.attemptsLeft).toBe(10);
  });
});

describe('the claims of the application', () => {
  it('are in each access token, and change nothing of whom it is for', async () => {
    const auth = await createTestAuth({ claims: async ({ userId }) => ({ role: 'editor', name: userId }) });
    const { token } = await register(auth, 'alice');
    expect(decodeJwt(token)).toMatchObject({ sub: 'alice', role: 'editor', name: 'alice' });
    expect(await auth.verifyAccessToken(token)).toMatchObject({ userId: 'alice' });
  });

  it.each([
    ['a claim of the token’s own', { sub: 'bob' }, /sub is a claim/],
    ['the claim of the session’s key', { cnf: { jkt: 'x' } }, /cnf is a claim/],
    ['too many', { text: 'x'.repeat(4090) }, /at most 4096 bytes/],
    ['none', undefined, /return an object/],
    ['a list', [], /return an object/],
  ])('are refused with %s', async (_, claims, message) => {
    const auth = await createTestAuth({ claims: (() => claims) as never });
    await expect(register(auth, 'alice')).rejects.toThrow(message);
    await expect(register(auth, 'bob')).rejects.toBeInstanceOf(TypeError);
  });
});

it.each(['afterRegistration', 'authorizeLogin', 'claims'])(
  '%s that is no function is found at start',
  async (name) => {
    await expect(createTestAuth({ [name]: {} })).rejects.toThrow(`${name}: pass a function`);
  },
);
