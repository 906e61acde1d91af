import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../base64url.js';
import { parseChallengeRequest, parseChallengeResponse } from './challenge.js';
import { parseChangePinRequest } from './change-pin.js';
import { parseEndSessionsRequest } from './end-sessions.js';
import { parseProblem } from './problem.js';
import { parseRegisterRequest } from './register.js';
import { parseRotateKeyRequest } from './rotate-key.js';
import { parseRegistrationResponse, parseSessionResponse } from './session.js';
import { parseSessionListResponse } from './session-list.js';
import { parseSessionRequest } from './session-request.js';
import { parseVerifyRequest } from './verify.js';

const id = encodeBase64url(new Uint8Array(16));
const element = encodeBase64url(new Uint8Array(32).fill(1));
const challenge = { purpose: 'login', userId: 'alice', credentialId: id };
const verify = {
  userId: 'alice',
  credentialId: id,
  challengeId: id,
  origin: 'https://app.example',
  audience: 'https://api.example',
  proof: encodeBase64url(new Uint8Array(64)),
};
const register = { ...verify, publicKey: encodeBase64url(new Uint8Array(32)), device: { name: 'Phone' } };
const changePin = { ...verify, oldPinId: id, newPinId: id };
const refreshToken = encodeBase64url(new Uint8Array(80));
const session = { sessionId: element, audience: 'https://api.example', refreshToken };
const rotateKey = { ...verify, newPublicKey: element, newProof: verify.proof, pin: { id } };
const parseChallenge = (body: unknown) => parseChallengeRequest(body, ['login', 'register']);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('requests', () => {
  it('are read, unknown members ignored', () => {
    expect(parseChallenge({ ...challenge, extra: 1 })).toEqual(challenge);
    expect(parseVerifyRequest({ ...verify, extra: {} }).proof).toEqual(new Uint8Array(64));
    expect(parseRegisterRequest(register).device).toEqual({ name: 'Phone' });
    expect(parseRegisterRequest({ ...register, device: undefined }).device).toBeUndefined();
    const pin = { id: new Uint8Array(16), blinded: new Uint8Array(32).fill(1) };
    expect(parseChallenge({ ...challenge, pin: { id, blinded: element } }).pin).toEqual(pin);
    expect(parseChallenge({ ...challenge, pin: { blinded: element } }).pin).toEqual({ blinded: pin.blinded });
    expect(parseRegisterRequest({ ...register, pin: { id } }).pinId).toEqual(pin.id);
    expect(parseRegisterRequest(register)).not.toHaveProperty('pinId');
    expect(parseChangePinRequest(changePin)).toMatchObject({ oldPinId: pin.id, newPinId: pin.id });
    expect(parseChangePinRequest({ ...changePin, oldPinId: undefined })).not.toHaveProperty('oldPinId');
    expect(parseChangePinRequest({ ...changePin, newPin: true }).newPin).toBe(true);
    for (const newPin of [undefined, false, 1, 'true'])
      expect(parseChangePinRequest({ ...changePin, newPin })).not.toHaveProperty('newPin');
    expect(parseVerifyRequest({ ...verify, sessionKey: element }).sessionKey).toEqual(pin.blinded);
    expect(parseRegisterRequest({ ...register, sessionKey: element }).sessionKey).toEqual(pin.blinded);
    expect(parseVerifyRequest(verify)).not.toHaveProperty('sessionKey');
    expect(parseVerifyRequest(verify)).not.toHaveProperty('refreshToken');
    expect(parseVerifyRequest({ ...verify, refreshToken }).refreshToken).toBe(refreshToken);
    expect(parseSessionRequest({ ...session, extra: 1 })).toEqual(session);
    const owner = { userId: 'alice', credentialId: id };
    expect(parseSessionRequest({ ...session, ...owner })).toEqual({ ...session, ...owner });
    expect(parseVerifyRequest({ ...verify, device: { name: 'Phone', extra: 1 } }).device).toEqual({
      name: 'Phone',
    });
    expect(parseVerifyRequest(verify)).not.toHaveProperty('device');
    expect(parseSessionRequest({ ...session, refreshToken: undefined })).not.toHaveProperty('refreshToken');
    expect(parseEndSessionsRequest({ sessionId: element })).toEqual({ sessionId: element });
    expect(parseEndSessionsRequest({ which: 'others' })).toEqual({ which: 'others' });
    expect(parseRotateKeyRequest(rotateKey)).toMatchObject({ newPublicKey: pin.blinded, pinId: pin.id });
  });

  it.each([
    [parseChallenge, challenge, 'purpose', 'confirm', 'INVALID_PURPOSE'],
    [parseChallenge, challenge, 'purpose', null, 'INVALID_PURPOSE'],
    [parseChallenge, challenge, 'userId', '', 'INVALID_USER_ID'],
    [parseChallenge, challenge, 'credentialId', `${id}==`, 'INVALID_CREDENTIAL_ID'],
    [parseChallenge, challenge, 'pin', 'PIN', 'INVALID_BLINDED'],
    [parseChallenge, challenge, 'pin', {}, 'INVALID_BLINDED'],
    [parseChallenge, challenge, 'pin', { blinded: id }, 'INVALID_BLINDED'],
    [parseChallenge, challenge, 'pin', { id: element, blinded: element }, 'INVALID_PIN_ID'],
    [parseChallenge, challenge, 'pin', { id: null, blinded: element }, 'INVALID_PIN_ID'],
    [parseVerifyRequest, verify, 'userId', 'e\u0301', 'INVALID_USER_ID'],
    [parseVerifyRequest, verify, 'credentialId', 3, 'INVALID_CREDENTIAL_ID'],
    [parseVerifyRequest, verify, 'challengeId', 'AAAA', 'INVALID_CHALLENGE_ID'],
    [parseVerifyRequest, verify, 'origin', 'null', 'INVALID_ORIGIN'],
    [parseVerifyRequest, verify, 'audience', 'https://api.example/', 'INVALID_AUDIENCE'],
    [parseVerifyRequest, verify, 'proof', id, 'INVALID_PROOF'],
    [parseVerifyRequest, verify, 'sessionKey', id, 'INVALID_SESSION_KEY'],
    [parseVerifyRequest, verify, 'sessionKey', null, 'INVALID_SESSION_KEY'],
    [parseVerifyRequest, verify, 'refreshToken', element, 'INVALID_REFRESH_TOKEN'],
    ...[
      'Phone',
      null,
      {},
      { name: '' },
      { name: 'a\u0007' },
      { name: 'x'.repeat(65) },
      { name: '\ud800' },
    ].map(
      (device) =>
        [parseVerifyRequest, verify, 'device', device, 'INVALID_DEVICE'] as [
          typeof parseVerifyRequest,
          typeof verify,
          string,
          unknown,
          string,
        ],
    ),
    [parseSessionRequest, session, 'userId', '', 'INVALID_USER_ID'],
    [parseSessionRequest, session, 'userId', null, 'INVALID_USER_ID'],
    [parseSessionRequest, session, 'credentialId', element, 'INVALID_CREDENTIAL_ID'],
    [parseRegisterRequest, register, 'refreshToken', 1, 'INVALID_REFRESH_TOKEN'],
    [parseRegisterRequest, register, 'sessionKey', `${element}=`, 'INVALID_SESSION_KEY'],
    [parseSessionRequest, session, 'sessionId', id, 'INVALID_SESSION_ID'],
    [parseSessionRequest, session, 'audience', 'https://api.example/', 'INVALID_AUDIENCE'],
    [parseSessionRequest, session, 'refreshToken', element, 'INVALID_REFRESH_TOKEN'],
    [parseSessionRequest, session, 'refreshToken', null, 'INVALID_REFRESH_TOKEN'],
    [parseEndSessionsRequest, { sessionId: element }, 'sessionId', 7, 'INVALID_SESSION_ID'],
    [parseEndSessionsRequest, { sessionId: element }, 'which', 'mine', 'INVALID_BODY'],
    [parseRegisterRequest, register, 'publicKey', null, 'INVALID_PUBLIC_KEY'],
    [parseRegisterRequest, register, 'device', 'Phone', 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'device', { name: '' }, 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'device', { name: 'a\u0007' }, 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'device', { name: 'x'.repeat(65) }, 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'pin', {}, 'INVALID_PIN_ID'],
    [parseRegisterRequest, register, 'pin', id, 'INVALID_PIN_ID'],
    [parseChangePinRequest, changePin, 'newPinId', undefined, 'INVALID_PIN_ID'],
    [parseChangePinRequest, changePin, 'oldPinId', element, 'INVALID_PIN_ID'],
    [parseChangePinRequest, changePin, 'credentialId', 1, 'INVALID_CREDENTIAL_ID'],
    [parseRotateKeyRequest, rotateKey, 'newPublicKey', id, 'INVALID_PUBLIC_KEY'],
    [parseRotateKeyRequest, rotateKey, 'newProof', element, 'INVALID_PROOF'],
    [parseRotateKeyRequest, rotateKey, 'pin', { id: element }, 'INVALID_PIN_ID'],
  ])('a bad member is named: %#', (parse, body, name, value, expected) => {
    expect(() => parse({ ...body, [name]: value })).toThrow(code(expected));
  });

  it.each([null, undefined, [], 'text', 7, true])('a body of %j is INVALID_BODY', (body) => {
    const parsers = [
      parseChallenge,
      parseVerifyRequest,
      parseRegisterRequest,
      parseChangePinRequest,
      parseRotateKeyRequest,
      parseSessionRequest,
      parseEndSessionsRequest,
    ];
    for (const parse of parsers) {
      expect(() => parse(body)).toThrow(code('INVALID_BODY'));
    }
  });

  it('members are not inherited', () => {
    expect(() => parseChallenge(Object.create(challenge))).toThrow(code('INVALID_PURPOSE'));
    expect(() => parseChallenge(JSON.parse('{"__proto__":{"purpose":"login"}}'))).toThrow(
      code('INVALID_PURPOSE'),
    );
  });
});

describe('answers', () => {
  const granted = {
    userId: 'alice',
    credentialId: id,
    sessionId: element,
    token: 'x.y.z',
    tokenType: 'Bearer',
    expiresInMs: 600_000,
  };

  const listed = {
    sessionId: element,
    credentialId: id,
    deviceName: 'Phone',
    createdAtMs: 1,
    lastUsedAtMs: 2,
    current: true,
  };

  it('are read', () => {
    const challengeText = encodeBase64url(new Uint8Array(32));
    expect(
      parseChallengeResponse({ challengeId: id, challenge: challengeText, expiresInMs: 1 }).challenge,
    ).toEqual(new Uint8Array(32));
    const pin = { id, evaluated: element, attemptsLeft: 0 };
    expect(
      parseChallengeResponse({ challengeId: id, challenge: challengeText, expiresInMs: 1, pin }).pin,
    ).toEqual({ id: new Uint8Array(16), evaluated: new Uint8Array(32).fill(1), attemptsLeft: 0 });
    expect(parseSessionResponse(granted)).toEqual(granted);
    const bearer = { ...granted, tokenType: 'DPoP', refreshToken };
    expect(parseSessionResponse(bearer)).toEqual(bearer);
    const challengeWith = (pin: object) => ({
      challengeId: id,
      challenge: challengeText,
      expiresInMs: 1,
      pin,
    });
    for (const failedTries of [0, 9])
      expect(parseChallengeResponse(challengeWith({ ...pin, failedTries })).pin).toMatchObject({
        failedTries,
      });
    const lasting = { ...granted, sessionExpiresInMs: 604_800_000 };
    expect(parseSessionResponse(lasting)).toEqual(lasting);
    for (const sessionExpiresInMs of [0, '7', -1, 8.64e15 + 1])
      expect(parseSessionResponse({ ...granted, sessionExpiresInMs })).toEqual(granted);
    const suspected = { ...granted, recordCloneSuspectedAtMs: 7 };
    expect(parseSessionResponse(suspected)).toEqual(suspected);
    expect(parseSessionResponse({ ...granted, recordCloneSuspectedAtMs: 'x' })).toEqual(granted);
    expect(parseSessionResponse({ ...granted, newPinDue: true })).toEqual({ ...granted, newPinDue: true });
    for (const newPinDue of [false, 1, 'true'])
      expect(parseSessionResponse({ ...granted, newPinDue })).toEqual(granted);
    const lonely = { ...granted, waysBack: { otherDevices: 0, recoveryKit: false } };
    expect(parseSessionResponse(lonely)).toEqual(lonely);
    for (const waysBack of [null, 1, {}, { otherDevices: -1, recoveryKit: true }, { otherDevices: 0 }])
      expect(parseSessionResponse({ ...granted, waysBack })).toEqual(granted);
    expect(parseSessionListResponse({ sessions: [listed, { ...listed, deviceName: null }] })).toEqual({
      sessions: [listed, { ...listed, deviceName: null }],
    });
    const longest = { ...granted, token: `${'Az09-._~+/'.repeat(1638)}xx==` };
    expect(parseSessionResponse(longest)).toEqual(longest);
    expect(parseSessionResponse({ ...granted, recordCloneSuspectedAtMs: 8.64e15 + 1 })).toEqual(granted);
    expect(
      parseSessionListResponse({ sessions: Array.from({ length: 100 }, () => listed) }).sessions,
    ).toHaveLength(100);
    for (const deviceName of ['', 'a\u0007b', 'x'.repeat(65), '\ud800', 7])
      expect(parseSessionListResponse({ sessions: [{ ...listed, deviceName }] })).toEqual({
        sessions: [{ ...listed, deviceName: null }],
      });
    expect(parseRegistrationResponse({ userId: 'alice', credentialId: id })).toEqual({
      userId: 'alice',
      credentialId: id,
    });
  });

  it.each([
    [parseChallengeResponse, { challengeId: id, challenge: id, expiresInMs: 1 }],
    [
      parseChallengeResponse,
      { challengeId: id, challenge: encodeBase64url(new Uint8Array(32)), expiresInMs: 0 },
    ],
    ...[
      {},
      'pin',
      { id, evaluated: id, attemptsLeft: 1 },
      { id, evaluated: element, attemptsLeft: -1 },
      { id, evaluated: element, attemptsLeft: 1, failedTries: -1 },
      { id, evaluated: element, attemptsLeft: 1, failedTries: '1' },
      { id, evaluated: element, attemptsLeft: 1, failedTries: null },
    ].map(
      (pin) =>
        [parseChallengeResponse, { challengeId: id, challenge: element, expiresInMs: 1, pin }] as [
          typeof parseChallengeResponse,
          unknown,
        ],
    ),
    [parseSessionResponse, { ...granted, tokenType: 'bearer' }],
    [parseSessionResponse, { ...granted, expiresInMs: '600' }],
    [parseSessionResponse, { ...granted, token: undefined }],
    [parseSessionResponse, { ...granted, sessionId: id }],
    [parseSessionResponse, { ...granted, refreshToken: element }],
    [parseSessionListResponse, { sessions: {} }],
    [parseSessionListResponse, { sessions: [null] }],
    [parseSessionListResponse, { sessions: [{ ...listed, createdAtMs: 'today' }] }],
    [parseSessionResponse, '<html>'],
    ...['', ' alice', 'al\0ice', 'A\u030A', 'x'.repeat(257), 7].map(
      (userId) => [parseSessionResponse, { ...granted, userId }] as [typeof parseSessionResponse, unknown],
    ),
    ...['', 'x y', 'x\n', 'x\r\nCookie: a', '=x', 'tøken', 'x'.repeat(16_385), 7].map(
      (token) => [parseSessionResponse, { ...granted, token }] as [typeof parseSessionResponse, unknown],
    ),
    [parseSessionResponse, { ...granted, credentialId: 'bernd' }],
    [parseSessionResponse, { ...granted, expiresInMs: 8.64e15 + 1 }],
    [parseChallengeResponse, { challengeId: id, challenge: element, expiresInMs: 8.64e15 + 1 }],
    [parseRegistrationResponse, { userId: 'alice', credentialId: element }],
    [parseSessionListResponse, { sessions: Array.from({ length: 101 }, () => listed) }],
    [parseSessionListResponse, { sessions: [{ ...listed, credentialId: '' }] }],
    [parseSessionListResponse, { sessions: [{ ...listed, lastUsedAtMs: 8.64e15 + 1 }] }],
  ])('that are not the protocol are INVALID_RESPONSE: %#', (parse, body) => {
    expect(() => parse(body)).toThrow(code('INVALID_RESPONSE'));
  });

  it('problem documents give a code that travels, under its own status, anything else none', () => {
    expect(parseProblem({ code: 'LOGIN_REJECTED', detail: 'no' }, 401)).toEqual({
      code: 'LOGIN_REJECTED',
      detail: 'no',
    });
    expect(parseProblem({ code: 'LOGIN_REJECTED', detail: 'x'.repeat(9_999) }, 401)?.detail).toHaveLength(
      1024,
    );
    expect(parseProblem({ code: 'LOGIN_REJECTED', detail: 1 }, 401)).toEqual({
      code: 'LOGIN_REJECTED',
      detail: undefined,
    });
    const { cookie } = parseProblem({ code: 'SESSION_ENDED', cookie: 'missing' }, 401) ?? {};
    expect(cookie).toBe('missing');
    for (const other of ['there', true, null, {}]) {
      expect(parseProblem({ code: 'SESSION_ENDED', cookie: other }, 401)?.cookie).toBeUndefined();
    }
    for (const ended of ['expired', 'revoked']) {
      expect(parseProblem({ code: 'SESSION_ENDED', ended }, 401)?.ended).toBe(ended);
    }
    for (const ended of ['stolen', true, null, {}]) {
      expect(parseProblem({ code: 'SESSION_ENDED', ended }, 401)?.ended).toBeUndefined();
    }
    expect(parseProblem({ code: 'LOGIN_REJECTED' }, 403)).toBeNull();
    expect(parseProblem({ code: 'DECRYPTION_FAILED' }, 401)).toBeNull();
    expect(parseProblem({ code: 'toString' }, 401)).toBeNull();
    expect(parseProblem('nginx', 502)).toBeNull();
  });
});
