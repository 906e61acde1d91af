import { decodeBase64url, encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { enrolmentHashOf, formatEnrolmentToken, parseEnrolmentToken } from '@zkp-auth/core/recovery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolRequest } from './enrolment-client.js';
import { type EveryStore, startEveryStore, storeNames } from './every-store.js';
import { loginWithPin, type PinRecord } from './pin-client.js';
import { askState } from './recovery-client.js';
import { type RecoveryServer, startRecoveryServer, stopRecovery } from './recovery-server.js';
import { login, type TestAuthOptions } from './test-client.js';
import { liveCredentials } from './live-credentials.js';
import type { TestAuth } from './test-auth.js';
import type { TwoProofs } from './recovery-client.js';

const pin = '493817';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

const refused = (code: string) => expect.objectContaining({ code });

async function grant(auth: TestAuth, userId: string): Promise<string> {
  const granted = await auth.grantEnrolment(userId, { expiresInMs: hourMs });
  if (granted === null) throw new Error(`no grant for ${userId}`);
  return granted.token;
}

async function enrol(auth: TestAuth, token: string, attempt?: TwoProofs) {
  const { body, device } = await enrolRequest(auth, token, attempt);
  return { answer: await auth.calls.enrol(body), device };
}

describe.each(storeNames)('a token for a new device on %s', (name) => {
  const start = (options?: TestAuthOptions): Promise<RecoveryServer> =>
    startRecoveryServer((now) => every.open(name, now), options);

  it('brings one device under a PIN, is kept as a hash only, and is used up', async () => {
    const { auth, register, events, opened } = await start();
    await register('zoë');
    const token = await grant(auth, 'zoë');
    const [listed] = await auth.listEnrolments('zoë');
    const { secret } = parseEnrolmentToken(token);
    const grantId = encodeBase64url(enrolmentHashOf(secret));
    expect(listed).toEqual({ grantId, createdAtMs: expect.any(Number), expiresAtMs: expect.any(Number) });
    if (opened.db !== undefined) {
      const rows = await opened.db.selectFrom('zkp_enrolments').selectAll().execute();
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain(encodeBase64url(secret));
    }
    const { answer, device } = await enrol(auth, token, { claim: { device: { name: 'New laptop' } } });
    expect(answer).toEqual({ userId: 'zoë', credentialId: device.credentialId, pendingForMs: undefined });
    await loginWithPin(auth, device, pin);
    await expect(enrol(auth, token)).rejects.toEqual(refused('ENROLMENT_NOT_FOUND'));
    expect(await auth.listEnrolments('zoë')).toEqual([]);
    expect(await liveCredentials(auth, 'zoë')).toHaveLength(2);
    expect(await auth.listPins('zoë')).toHaveLength(1);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'enrolment_granted', userId: 'zoë', credentialId: null, grantId }),
    );
    const enrolled = {
      credentialId: device.credentialId,
      grantId,
      deviceName: 'New laptop',
      pendingUntilMs: null,
    };
    expect(events).toContainEqual(expect.objectContaining({ type: 'device_enrolled', ...enrolled }));
    expect(events.filter(({ type }) => type === 'credential_added')).toMatchObject([
      { credentialId: device.credentialId, kind: 'device', deviceName: 'New laptop', addedBy: null },
    ]);
  });

  it('brings one device, whoever races, over two processes', async () => {
    const { auth, register, start: startAgain } = await start();
    await register('alice');
    const other = await startAgain();
    const token = await grant(auth, 'alice');
    const asked = await Promise.allSettled([auth, other, auth, other].map((server) => enrol(server, token)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of asked)
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(refused('ENROLMENT_NOT_FOUND'));
    expect(await liveCredentials(auth, 'alice')).toHaveLength(2);
    expect(await auth.listPins('alice')).toHaveLength(1);
  });

  it('is not used up by a request that brings no device', async () => {
    const { auth, register } = await start();
    const alice = await register('alice');
    const token = await grant(auth, 'alice');
    await expect(enrol(auth, token, { newKeys: alice.keys })).rejects.toEqual(refused('USER_ID_TAKEN'));
    await expect(enrol(auth, token, { keys: generateKeyPair() })).rejects.toEqual(refused('PROOF_REJECTED'));
    expect(await auth.listPins('alice')).toEqual([]);
    await enrol(auth, token);
  });

  it('is refused once it has expired, was withdrawn, or its user was suspended', async () => {
    const { auth, register, clock, types } = await start();
    await register('alice');
    const [expiring, withdrawn] = [await grant(auth, 'alice'), await grant(auth, 'alice')];
    const grants = await auth.listEnrolments('alice');
    expect(grants).toHaveLength(2);
    const grantId = encodeBase64url(enrolmentHashOf(parseEnrolmentToken(withdrawn).secret));
    expect(await auth.withdrawEnrolment('bob', grantId)).toBe(false);
    expect(await auth.withdrawEnrolment('alice', grantId)).toBe(true);
    expect(await auth.withdrawEnrolment('alice', grantId)).toBe(false);
    await expect(enrol(auth, withdrawn)).rejects.toEqual(refused('ENROLMENT_NOT_FOUND'));
    await auth.suspendUser('alice');
    await expect(enrol(auth, expiring)).rejects.toEqual(refused('ENROLMENT_NOT_FOUND'));
    expect(await auth.grantEnrolment('alice', { expiresInMs: hourMs })).toBeNull();
    expect(await auth.grantEnrolment('nobody', { expiresInMs: hourMs })).toBeNull();
    await auth.resumeUser('alice');
    clock.nowMs += hourMs;
    await expect(enrol(auth, expiring)).rejects.toEqual(refused('ENROLMENT_NOT_FOUND'));
    expect(await liveCredentials(auth, 'alice')).toHaveLength(1);
    expect(types().filter((type) => type === 'enrolment_rejected:token')).toHaveLength(3);
  });

  it('is one of five at most for a user, and each makes room when it is used, withdrawn or expires', async () => {
    const { auth, register, start: startAgain, clock } = await start();
    await register('alice');
    const other = await startAgain();
    const asked = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => grant(n % 2 === 0 ? auth : other, 'alice')),
    );
    const tokens = asked.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(tokens).toHaveLength(5);
    const limit = { code: 'RATE_LIMITED', retryAfterMs: hourMs };
    await expect(grant(auth, 'alice')).rejects.toEqual(expect.objectContaining(limit));
    await enrol(auth, tokens[0] as string);
    await grant(auth, 'alice');
    clock.nowMs += hourMs;
    for (let n = 0; n < 5; n++) await grant(auth, 'alice');
    await expect(grant(auth, 'alice')).rejects.toEqual(expect.objectContaining(limit));
  });

  it('brings a device that waits and that others can stop, if the application says so', async () => {
    const { auth, register, events, clock } = await start({ enrolment: { delayMs: dayMs } });
    const alice = await register('alice');
    const { answer, device } = await enrol(auth, await grant(auth, 'alice'));
    expect(answer.pendingForMs).toBe(dayMs);
    await expect(loginWithPin(auth, device, pin)).rejects.toEqual(refused('LOGIN_REJECTED'));
    const waiting = [device];
    for (let n = 0; n < 2; n++) waiting.push((await enrol(auth, await grant(auth, 'alice'))).device);
    const fourth = await grant(auth, 'alice');
    await expect(enrol(auth, fourth)).rejects.toEqual(refused('RECOVERY_LIMIT_REACHED'));
    await stopRecovery(auth, alice, device.credentialId, true);
    expect(events.filter(({ type }) => type === 'recovery_stopped')).toHaveLength(1);
    expect(await askState(auth, device, { pin })).toEqual({ state: 'ended' });
    await enrol(auth, fourth);
    clock.nowMs += dayMs;
    expect(await askState(auth, waiting[1] as PinRecord, { pin })).toEqual({ state: 'live' });
    await loginWithPin(auth, waiting[1] as PinRecord, pin);
    await expect(loginWithPin(auth, device, pin)).rejects.toEqual(refused('CREDENTIAL_REVOKED'));
  });

  it('goes with its user, and brings nobody back', async () => {
    const { auth, register, opened } = await start();
    await register('alice');
    const token = await grant(auth, 'alice');
    await auth.deleteUser('alice');
    await expect(enrol(auth, token)).rejects.toEqual(refused('ENROLMENT_NOT_FOUND'));
    expect(await auth.listEnrolments('alice')).toEqual([]);
    if (opened.db !== undefined)
      expect(await opened.db.selectFrom('zkp_enrolments').selectAll().execute()).toEqual([]);
  });

  it('brings back a person whose last device was revoked', async () => {
    const { auth, register } = await start();
    const { credentialId } = await register('alice');
    await auth.revokeCredential('alice', credentialId);
    const { device } = await enrol(auth, await grant(auth, 'alice'));
    await login(auth, 'alice', { keys: device.keys });
  });
});

describe('a request with a token', () => {
  const other = generateKeyPair();
  const otherHash = enrolmentHashOf(new Uint8Array(32));

  it.each([
    ['another key’s proof', { keys: other }, 'PROOF_REJECTED'],
    [
      'a proof for another token',
      { parts: { flow: 'enrol', tokenHash: otherHash, newPublicKey: other.publicKey }, newKeys: other },
      'PROOF_REJECTED',
    ],
    [
      'a proof of another flow',
      { parts: { flow: 'recover', newPublicKey: other.publicKey }, newKeys: other },
      'PROOF_REJECTED',
    ],
    ['a pinId that the challenge did not draw', { claim: { pin: { id: 'A'.repeat(22) } } }, 'PROOF_REJECTED'],
    ['another page', { origin: 'https://evil.example' }, 'PROOF_REJECTED'],
    ['the name of another user', { userId: 'bob' }, 'ENROLMENT_NOT_FOUND'],
    ['the name of nobody', { userId: 'nobody' }, 'ENROLMENT_NOT_FOUND'],
    ['a secret of another length', { claim: { secret: 'AAAA' } }, 'INVALID_ENROLMENT_TOKEN'],
  ] as const)('is refused with %s, and leaves the token', async (_, attempt, code) => {
    const { auth, register } = await startRecoveryServer((now) => every.open('memory', now));
    for (const userId of ['alice', 'bob']) await register(userId);
    const token = await grant(auth, 'alice');
    const { body } = await enrolRequest(auth, token, attempt);
    await expect(auth.calls.enrol(body)).rejects.toEqual(refused(code));
    for (const userId of ['alice', 'bob']) expect(await liveCredentials(auth, userId)).toHaveLength(1);
    await enrol(auth, token);
  });

  it('is refused with a secret that nobody was given', async () => {
    const { auth, register } = await startRecoveryServer((now) => every.open('memory', now));
    await register('alice');
    const token = formatEnrolmentToken({
      userId: 'alice',
      secret: decodeBase64url('A'.repeat(43), 32) as Uint8Array,
    });
    await expect(enrol(auth, token)).rejects.toEqual(refused('ENROLMENT_NOT_FOUND'));
  });

  it.each([0, 999, 1.5, 31 * dayMs, '1', undefined])('is not granted for %s ms', async (expiresInMs) => {
    const { auth } = await startRecoveryServer((now) => every.open('memory', now));
    await expect(auth.grantEnrolment('alice', { expiresInMs } as never)).rejects.toThrow(
      /expiresInMs must be/,
    );
  });
});
