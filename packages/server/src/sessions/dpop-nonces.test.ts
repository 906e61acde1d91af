import { describe, expect, it } from 'vitest';
import { path, proofOf, startDpopServer } from '../../test/dpop-server.js';

const minuteMs = 60_000;

describe('the nonce', () => {
  const required = expect.objectContaining({ code: 'DPOP_NONCE_REQUIRED' });

  it('must be there, and is sent with the refusal', async () => {
    const { browser, open } = await startDpopServer();
    const proof = await proofOf(browser, { claims: { nonce: undefined } });
    await expect(open(proof)).rejects.toEqual(required);
    expect(browser.answered('WWW-Authenticate')).toEqual(['DPoP error="use_dpop_nonce"']);
    expect(browser.answered('DPoP-Nonce')).toEqual([browser.nonce]);
  });

  it('serves for five minutes, in any process of the ring', async () => {
    const { browser, open, clock, start } = await startDpopServer();
    const proof = await proofOf(browser);
    clock.nowMs += 5 * minuteMs - 10_000;
    await expect(open(proof)).resolves.toBeDefined();
    const other = await start({ sessions: { dpop: 'requests' } });
    const facts = { ...(await browser.facts('GET', path)), dpop: proof };
    const authorization = `DPoP ${browser.current.token}`;
    await expect(other.authenticate({ ...facts, authorization })).resolves.toBeDefined();
    clock.nowMs += 10_001;
    await expect(open(proof)).rejects.toEqual(required);
    await expect(open(await proofOf(browser))).resolves.toBeDefined();
  });

  it('of a server whose clock is ahead serves, unless it is far ahead', async () => {
    const { browser, start, clock } = await startDpopServer();
    const refreshAt = async (behindMs: number) => {
      const server = await start({ now: () => clock.nowMs - behindMs });
      return server.calls.refresh(browser.sessionBody(), await browser.facts('POST', '/auth/refresh'));
    };
    const { nonce } = browser;
    await expect(refreshAt(6 * minuteMs)).rejects.toEqual(required);
    browser.nonce = nonce;
    await expect(refreshAt(4 * minuteMs)).resolves.toBeDefined();
  });

  it('of another ring is refused, as is a guess', async () => {
    const { browser, open } = await startDpopServer();
    const { browser: foreign } = await startDpopServer();
    const own = browser.nonce as string;
    const nonces = [foreign.nonce, '', 'x', 7, `${own}A`, own.replace(/.$/, (c) => (c === 'A' ? 'Q' : 'A'))];
    for (const nonce of nonces) {
      await expect(open(await proofOf(browser, { claims: { nonce } }))).rejects.toEqual(required);
    }
  });

  it('is one for all answers of ten seconds', async () => {
    const { browser, auth, clock } = await startDpopServer();
    const ask = async () => {
      const subject = { userId: 'alice', credentialId: 'A'.repeat(22) };
      await auth.calls.challenge({ purpose: 'login', ...subject }, await browser.facts('POST', '/x'));
      return browser.nonce;
    };
    const [first, second] = [await ask(), await ask()];
    expect(second).toBe(first);
    clock.nowMs += 10_000;
    expect(await ask()).not.toBe(first);
  });
});
