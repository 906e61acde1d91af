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
  loginContext,
  newKeyContext,
  parseVaultRecord,
  publicKeyOf,
  type Purpose,
  registerContext,
  type SecretSlot,
  slotAdditionalData,
} from '../src/index.node.js';
import * as native from '../src/verify/verify-proof-native.js';
import * as noble from '../src/verify/verify-proof-noble.js';

// The published vectors, replayed from their files as another implementation would.

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
      Object.entries(parts).map(([name, v]) => [name, name === 'action' ? v : bytes(v)]),
    ) as never;
    if (purpose === 'register') return registerContext(raw);
    if (purpose === 'login') return loginContext(raw);
    if (purpose === 'confirm') return confirmContext(raw);
    return purpose === 'change-pin' ? changePinContext(raw) : newKeyContext(raw);
  };

  it.each(load('message.json').messages as any[])('$purpose %#', (row) => {
    const context = contextOf(row.purpose, row.parts);
    expect(hex(context)).toBe(row.context);
    expect(hex(buildMessage({ ...row, challenge: bytes(row.challenge), context }))).toBe(row.message);
  });
});

it('wire.json', () => {
  const { userIds, origins, ids16 } = load('wire.json');
  for (const { userId, valid } of userIds) expect(isValidUserId(userId), userId).toBe(valid);
  for (const { origin, valid } of origins) expect(isValidOrigin(origin), origin).toBe(valid);
  for (const { text, valid } of ids16) expect(decodeBase64url(text, 16) !== null, text).toBe(valid);
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
