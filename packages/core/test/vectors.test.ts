import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  buildMessage,
  changePinContext,
  computeProof,
  confirmContext,
  credentialIdOf,
  decodeBase64url,
  deleteAccountAction,
  formatDeleteAccountRequest,
  formatRenameCredentialRequest,
  formatRevokeCredentialRequest,
  formatUnlockPinRequest,
  parseDeleteAccountRequest,
  parseRenameCredentialRequest,
  parseRevokeCredentialRequest,
  parseUnlockPinRequest,
  renameCredentialAction,
  revokeCredentialAction,
  unlockPinAction,
  formatVaultRecord,
  isValidOrigin,
  isValidUserId,
  linkDeviceContext,
  loginContext,
  newKeyContext,
  parseChallengeRequest,
  parseOpenKeyRequest,
  parseVaultRecord,
  publicKeyOf,
  type Purpose,
  registerContext,
  routes,
  type SecretSlot,
  slotAdditionalData,
} from '../src/index.node.js';
import {
  linkCommitment,
  linkDigits,
  linkRoutes,
  normalizeLinkCode,
  opensLinkCommitment,
  parseClaimLinkRequest,
  parseOfferLinkRequest,
  parseOfferStateRequest,
  parseOpenLinkRequest,
  parseRejectLinkRequest,
  parseRevealLinkRequest,
  readLinkAddress,
} from '../src/linking.js';
import {
  enrolmentHashOf,
  formatEnrolmentToken,
  parseEnrolmentToken,
  parseEnrolRequest,
  parseMakeKitRequest,
  parseRecoverRequest,
  parseStopRecoveryRequest,
  recoveryKeyOf,
  recoveryRoutes,
} from '../src/recovery.js';
import * as native from '../src/verify/verify-proof-native.js';
import * as noble from '../src/verify/verify-proof-noble.js';

// The published vectors, replayed from their files as another implementation would.

interface WireRow {
  route: string;
  body: object;
  refused: { member: string; code: string; values: unknown[] }[];
}

const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../docs/vectors/${name}`, import.meta.url), 'utf8'));
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

describe('proof.json', () => {
  const { valid, verdicts } = load('proof.json');

  it.each(valid as Record<string, string>[])('key, proof and id %#', (row) => {
    const [secretKey, publicKey, message, proof] = ['secretKey', 'publicKey', 'message', 'proof'].map(
      (name) => bytes(row[name]!),
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(hex(publicKeyOf(secretKey))).toBe(row['publicKey']);
    expect(credentialIdOf(publicKey)).toBe(row['credentialId']);
    expect(hex(computeProof(secretKey, message, { random: () => bytes(row['randomness']!) }))).toBe(
      row['proof'],
    );
    expect([native, noble].map(({ verifyProof }) => verifyProof(publicKey, message, proof))).toEqual([
      true,
      true,
    ]);
  });

  it.each(
    verdicts as { comment: string; publicKey: string; message: string; proof: string; valid: boolean }[],
  )('verdict: $comment', (row) => {
    expect(row.valid).toBe(row.comment === 'an honest proof');
    for (const { verifyProof } of [native, noble]) {
      expect(verifyProof(bytes(row.publicKey), bytes(row.message), bytes(row.proof))).toBe(row.valid);
    }
  });
});

describe('message.json', () => {
  const contextOf = (purpose: Purpose, parts: Record<string, string>): Uint8Array => {
    const raw = Object.fromEntries(
      Object.entries(parts).map(([name, v]) => [name, ['action', 'flow'].includes(name) ? v : bytes(v)]),
    ) as never;
    if (purpose === 'register') return registerContext(raw);
    if (purpose === 'login') return loginContext(raw);
    if (purpose === 'confirm') return confirmContext(raw);
    if (purpose === 'link-device') return linkDeviceContext(raw);
    return purpose === 'change-pin' ? changePinContext(raw) : newKeyContext(raw);
  };

  it.each(load('message.json').messages as any[])('$purpose %#', (row) => {
    const context = contextOf(row.purpose, row.parts);
    expect(hex(context)).toBe(row.context);
    expect(hex(buildMessage({ ...row, challenge: bytes(row.challenge), context }))).toBe(row.message);
  });
});

describe('link.json', () => {
  const { codes, addresses, runs } = load('link.json');

  it.each(codes as { comment: string; text: string; code: string | null }[])(
    'a code: $comment',
    ({ text, code }) => {
      if (code !== null) expect(normalizeLinkCode(text)).toBe(code);
      else
        expect(() => normalizeLinkCode(text)).toThrow(expect.objectContaining({ code: 'INVALID_LINK_CODE' }));
    },
  );

  it.each(addresses as { address: string; code?: string | null; error?: string }[])(
    'the code in $address',
    ({ address, code, error }) => {
      if (error === undefined) expect(readLinkAddress(address)).toBe(code);
      else expect(() => readLinkAddress(address)).toThrow(expect.objectContaining({ code: error }));
    },
  );

  it.each(runs as Record<string, string>[])('the digits $digits', (row) => {
    const [publicKey, newPublicKey, linkId, nonce, newNonce, commitment] = [
      'publicKey',
      'newPublicKey',
      'linkId',
      'nonceE',
      'nonceN',
      'commitment',
    ].map((name) => bytes(row[name]!)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const opening = { audience: row['audience']!, userId: row['userId']!, publicKey, nonce };
    expect(hex(linkCommitment(opening))).toBe(row['commitment']);
    expect(opensLinkCommitment(commitment, opening)).toBe(true);
    expect(linkDigits({ ...opening, newPublicKey, linkId, newNonce })).toBe(row['digits']);
  });
});

it.each(load('recovery.json').kits as Record<string, string>[])('recovery.json: $words', async (row) => {
  const secretKey = await recoveryKeyOf(bytes(row['entropy']!));
  expect(hex(secretKey)).toBe(row['secretKey']);
  expect(hex(publicKeyOf(secretKey))).toBe(row['publicKey']);
  expect(credentialIdOf(bytes(row['publicKey']!))).toBe(row['credentialId']);
});

it.each(load('recovery.json').tokens as Record<string, string>[])('recovery.json: $token', (row) => {
  const content = { userId: row['userId']!, secret: bytes(row['secret']!) };
  expect(formatEnrolmentToken(content)).toBe(row['token']);
  expect(parseEnrolmentToken(row['token']!)).toEqual(content);
  expect(hex(enrolmentHashOf(content.secret))).toBe(row['tokenHash']);
});

it('wire.json', () => {
  const { userIds, origins, ids16 } = load('wire.json');
  for (const { userId, valid } of userIds) expect(isValidUserId(userId), userId).toBe(valid);
  for (const { origin, valid } of origins) expect(isValidOrigin(origin), origin).toBe(valid);
  for (const { text, valid } of ids16) expect(decodeBase64url(text, 16) !== null, text).toBe(valid);
});

describe('the messages of wire.json', () => {
  const { requests, answers } = load('wire.json') as Record<'requests' | 'answers', WireRow[]>;
  const byAddress = Object.fromEntries(
    Object.values({ ...routes, ...linkRoutes, ...recoveryRoutes }).map((route) => [
      `${route.method} ${route.path}`,
      route,
    ]),
  );
  const parsers: Record<string, (body: unknown) => unknown> = {
    'POST /challenge': (body) => parseChallengeRequest(body, ['link-device']),
    'POST /links': parseOpenLinkRequest,
    'POST /links/claim': parseClaimLinkRequest,
    'POST /links/offer': parseOfferLinkRequest,
    'POST /links/offer/state': parseOfferStateRequest,
    'POST /links/{linkId}/reveal': parseRevealLinkRequest,
    'POST /links/{linkId}/approve': parseOpenKeyRequest,
    'POST /links/{linkId}/reject': parseRejectLinkRequest,
    'POST /kit': parseMakeKitRequest,
    'POST /recover': parseRecoverRequest,
    'POST /recover/state': parseOpenKeyRequest,
    'POST /recover/stop': parseStopRecoveryRequest,
    'POST /enrol': parseEnrolRequest,
  };

  it('there is a request and an answer of each route that has one', () => {
    const all = Object.values({ ...linkRoutes, ...recoveryRoutes });
    const addresses = (rows: readonly { method: string; path: string }[]) =>
      rows.map(({ method, path }) => `${method} ${path}`).toSorted();
    expect(requests.map(({ route }) => route).toSorted()).toEqual(
      [...addresses(all.filter(({ method }) => method === 'POST')), 'POST /challenge'].toSorted(),
    );
    expect([...new Set(answers.map(({ route }) => route))].toSorted()).toEqual(
      addresses(all.filter(({ status }) => status !== 204)),
    );
  });

  it.each(requests)('the request $route', ({ route, body, refused }) => {
    const parse = parsers[route]!;
    const format = byAddress[route]!.format as (request: unknown) => object;
    expect(JSON.parse(JSON.stringify(format(parse(body))))).toEqual(body);
    for (const { member, code, values } of refused)
      for (const value of values)
        expect(() => parse({ ...body, [member]: value }), `${member}: ${String(value)}`).toThrow(
          expect.objectContaining({ code }),
        );
  });

  it.each(answers)('the answer of $route %#', ({ route, body, refused }) => {
    const { parse } = byAddress[route]!;
    expect(parse(body)).toBeDefined();
    for (const { member, code, values } of refused)
      for (const value of values)
        expect(() => parse({ ...body, [member]: value }), `${member}: ${String(value)}`).toThrow(
          expect.objectContaining({ code }),
        );
  });
});

it('wire.json, the bodies that are confirmed', () => {
  const readers: Record<string, [string, (body: unknown) => object, (request: never) => object]> = {
    '/credentials/rename': [
      renameCredentialAction,
      parseRenameCredentialRequest,
      formatRenameCredentialRequest,
    ],
    '/credentials/revoke': [
      revokeCredentialAction,
      parseRevokeCredentialRequest,
      formatRevokeCredentialRequest,
    ],
    '/credentials/unlock-pin': [unlockPinAction, parseUnlockPinRequest, formatUnlockPinRequest],
    '/account/delete': [deleteAccountAction, parseDeleteAccountRequest, formatDeleteAccountRequest],
  };
  for (const { action, path, body, valid } of load('wire.json').credentialRequests) {
    const [expected, parse, format] = readers[path]!;
    expect(action).toBe(expected);
    if (valid) expect(JSON.stringify(format(parse(JSON.parse(body)) as never))).toBe(body);
    else expect(() => parse(JSON.parse(body)), body).toThrow();
  }
});

it('vault-record.json', () => {
  const { record, additionalData } = load('vault-record.json');
  const parsed = parseVaultRecord(record);
  expect(formatVaultRecord(parsed)).toEqual(record);
  expect(hex(slotAdditionalData(parsed, parsed.slots[0] as SecretSlot))).toBe(additionalData);
});
