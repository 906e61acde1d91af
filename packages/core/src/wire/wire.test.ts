import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../base64url.js';
import { parseChallengeRequest, parseChallengeResponse } from './challenge.js';
import { parseProblem } from './problem.js';
import { parseRegisterRequest } from './register.js';
import { parseRegistrationResponse, parseSessionResponse } from './session.js';
import { parseVerifyRequest } from './verify.js';

const id = encodeBase64url(new Uint8Array(16));
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
const parseChallenge = (body: unknown) => parseChallengeRequest(body, ['login', 'register']);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('requests', () => {
  it('are read, unknown members ignored', () => {
    expect(parseChallenge({ ...challenge, extra: 1 })).toEqual(challenge);
    expect(parseVerifyRequest({ ...verify, extra: {} }).proof).toEqual(new Uint8Array(64));
    expect(parseRegisterRequest(register).device).toEqual({ name: 'Phone' });
    expect(parseRegisterRequest({ ...register, device: undefined }).device).toBeUndefined();
  });

  it.each([
    [parseChallenge, challenge, 'purpose', 'confirm', 'INVALID_PURPOSE'],
    [parseChallenge, challenge, 'purpose', null, 'INVALID_PURPOSE'],
    [parseChallenge, challenge, 'userId', '', 'INVALID_USER_ID'],
    [parseChallenge, challenge, 'credentialId', `${id}==`, 'INVALID_CREDENTIAL_ID'],
    [parseChallenge, challenge, 'pin', { blinded: id }, 'PIN_ASSISTANCE_UNSUPPORTED'],
    [parseVerifyRequest, verify, 'userId', 'e\u0301', 'INVALID_USER_ID'],
    [parseVerifyRequest, verify, 'credentialId', 3, 'INVALID_CREDENTIAL_ID'],
    [parseVerifyRequest, verify, 'challengeId', 'AAAA', 'INVALID_CHALLENGE_ID'],
    [parseVerifyRequest, verify, 'origin', 'null', 'INVALID_ORIGIN'],
    [parseVerifyRequest, verify, 'audience', 'https://api.example/', 'INVALID_AUDIENCE'],
    [parseVerifyRequest, verify, 'proof', id, 'INVALID_PROOF'],
    [parseVerifyRequest, verify, 'sessionKey', id, 'SESSION_KEY_UNSUPPORTED'],
    [parseRegisterRequest, register, 'publicKey', null, 'INVALID_PUBLIC_KEY'],
    [parseRegisterRequest, register, 'device', 'Phone', 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'device', { name: '' }, 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'device', { name: 'a\u0007' }, 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'device', { name: 'x'.repeat(65) }, 'INVALID_DEVICE'],
    [parseRegisterRequest, register, 'pin', {}, 'PIN_ASSISTANCE_UNSUPPORTED'],
  ])('a bad member is named: %#', (parse, body, name, value, expected) => {
    expect(() => parse({ ...body, [name]: value })).toThrow(code(expected));
  });

  it.each([null, undefined, [], 'text', 7, true])('a body of %j is INVALID_BODY', (body) => {
    for (const parse of [parseChallenge, parseVerifyRequest, parseRegisterRequest]) {
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
  const session = {
    userId: 'alice',
    credentialId: id,
    token: 'x.y.z',
    tokenType: 'Bearer',
    expiresInMs: 600_000,
  };

  it('are read', () => {
    const challengeText = encodeBase64url(new Uint8Array(32));
    expect(
      parseChallengeResponse({ challengeId: id, challenge: challengeText, expiresInMs: 1 }).challenge,
    ).toEqual(new Uint8Array(32));
    expect(parseSessionResponse(session)).toEqual(session);
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
    [parseSessionResponse, { ...session, tokenType: 'bearer' }],
    [parseSessionResponse, { ...session, expiresInMs: '600' }],
    [parseSessionResponse, { ...session, token: undefined }],
    [parseSessionResponse, '<html>'],
  ])('that are not the protocol are INVALID_RESPONSE: %#', (parse, body) => {
    expect(() => parse(body)).toThrow(code('INVALID_RESPONSE'));
  });

  it('problem documents give a code that travels, under its own status, anything else none', () => {
    expect(parseProblem({ code: 'LOGIN_REJECTED', detail: 'no' }, 401)).toEqual({
      code: 'LOGIN_REJECTED',
      detail: 'no',
    });
    expect(parseProblem({ code: 'LOGIN_REJECTED', detail: 1 }, 401)).toEqual({
      code: 'LOGIN_REJECTED',
      detail: undefined,
    });
    expect(parseProblem({ code: 'LOGIN_REJECTED' }, 403)).toBeNull();
    expect(parseProblem({ code: 'DECRYPTION_FAILED' }, 401)).toBeNull();
    expect(parseProblem({ code: 'toString' }, 401)).toBeNull();
    expect(parseProblem('nginx', 502)).toBeNull();
  });
});
