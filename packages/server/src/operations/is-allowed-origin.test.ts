import { generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { TestBrowser } from '../../test/test-browser.js';
import { type Attempt, audience, origin, type TestAuthOptions } from '../../test/test-client.js';

const evil = 'https://evil.example';
const inner = 'http://127.0.0.1:3000';
const cookie: TestAuthOptions = { sessions: { carriage: 'cookie' } };
const sites = 'same-origin,same-site';

describe('a wrong origin', () => {
  it.each<[string, TestAuthOptions, Attempt, { expected: string; presented: string }]>([
    ['page', { origins: [inner, evil] }, {}, { expected: `${inner},${evil}`, presented: origin }],
    ['api', { audiences: [inner] }, {}, { expected: inner, presented: audience }],
    ['origin_header', {}, { facts: { origin: evil } }, { expected: origin, presented: evil }],
    ['fetch_site', cookie, { facts: { fetchSite: 'none' } }, { expected: sites, presented: 'none' }],
    [
      'fetch_site',
      cookie,
      { facts: { fetchSite: '\n'.repeat(300) } },
      { expected: sites, presented: `${'?'.repeat(253)}...` },
    ],
  ])('is told to the operator with the expected one: %s', async (reason, options, attempt, told) => {
    const { start, alice, events, clock } = await startSessionServer();
    const { credentialId } = alice;
    const browser = new TestBrowser(await start(options), null);
    await expect(browser.login('alice', alice.keys, attempt)).rejects.toMatchObject({
      code: 'LOGIN_REJECTED',
    });
    const about = { atMs: clock.nowMs, userId: 'alice', credentialId };
    expect(events).toEqual([
      { ...about, type: 'origin_rejected', reason, ...told },
      { ...about, type: 'login_rejected', reason: 'origin' },
    ]);
    await expect(browser.register('bob', generateKeyPair(), attempt)).rejects.toMatchObject({
      code: 'PROOF_REJECTED',
    });
    expect(events.slice(2)).toMatchObject([
      { userId: 'bob', type: 'origin_rejected', reason, ...told },
      { userId: 'bob', type: 'registration_rejected', reason: 'origin' },
    ]);
  });
});
