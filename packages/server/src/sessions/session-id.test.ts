import { createHash } from 'node:crypto';
import { decodeBase64url } from '@zkp-auth/core';
import { expect, it } from 'vitest';
import { newSessionId, sessionTag, tagOfSessionId } from './session-id.js';

it('a session is found where its user’s sessions are kept: its id begins with the user’s tag', () => {
  for (const userId of ['alice', 'Ålice 王', '']) {
    const tag = createHash('sha256')
      .update('zkp-auth/session-user')
      .update(userId)
      .digest('hex')
      .slice(0, 32);
    expect(sessionTag(userId)).toBe(tag);
    expect(tagOfSessionId(newSessionId(userId))).toBe(tag);
  }
  expect(sessionTag('alice')).not.toBe(sessionTag('Alice'));
});

it('nobody guesses a session’s id: 16 of its 32 bytes are random', () => {
  const ids = Array.from({ length: 1_000 }, () => decodeBase64url(newSessionId('alice'), 32)!);
  for (let byte = 16; byte < 32; byte++) expect(new Set(ids.map((id) => id[byte])).size).toBeGreaterThan(200);
});

it.each(['', 'epoch', 'AAAA', `${'A'.repeat(42)}B`, 'A'.repeat(44), '%'.repeat(43)])(
  'what is no session id (%s) is looked for nowhere',
  (text) => expect(tagOfSessionId(text)).toBeNull(),
);
