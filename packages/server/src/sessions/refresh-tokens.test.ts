import { decodeBase64url, encodeBase64url } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { TestBrowser } from '../../test/test-browser.js';

type Server = Awaited<ReturnType<typeof startSessionServer>>;

const ended = expect.objectContaining({ code: 'SESSION_ENDED' });

describe('what is no refresh token of this server', () => {
  it('ends nothing, whatever session it names', async () => {
    const { signIn, types } = await startSessionServer();
    const browser = await signIn();
    const genuine = decodeBase64url(browser.current.refreshToken, 80) as Uint8Array;
    const guesses = [
      // A person who knows a session's id has the first 32 bytes.
      Uint8Array.from({ length: 80 }, (_, i) => (i < 32 ? (genuine[i] as number) : 7)),
      ...[0, 31, 32, 63, 64, 79].map((at) => {
        const changed = Uint8Array.from(genuine);
        changed[at] = (changed[at] as number) ^ 1;
        return changed;
      }),
    ];
    for (const guess of guesses) {
      await expect(browser.refresh({ body: { refreshToken: encodeBase64url(guess) } })).rejects.toEqual(
        ended,
      );
    }
    expect(types()).toEqual(['session_started', 'login_succeeded']);
    await browser.refresh();
  });

  it.each([
    [{ refreshToken: undefined }, 'INVALID_REFRESH_TOKEN'],
    [{ refreshToken: 'A'.repeat(43) }, 'INVALID_REFRESH_TOKEN'],
    [{ sessionId: 'x' }, 'INVALID_SESSION_ID'],
    [{ audience: 'https://evil.example' }, 'INVALID_AUDIENCE'],
  ])('%j is %s', async (body, code) => {
    const { signIn } = await startSessionServer();
    const browser = await signIn();
    await expect(browser.refresh({ body })).rejects.toMatchObject({ code });
    await browser.refresh();
  });

  it('another session’s token is SESSION_MISMATCH, and changes neither', async () => {
    const { signIn, types } = await startSessionServer();
    const [browser, other] = [await signIn(), await signIn()];
    const { refreshToken } = other.current;
    await expect(browser.refresh({ body: { refreshToken } })).rejects.toMatchObject({
      code: 'SESSION_MISMATCH',
    });
    expect(types()).toEqual(['session_started', 'login_succeeded', 'session_started', 'login_succeeded']);
    await browser.refresh();
    await other.refresh();
  });
});

describe('the session secrets of the ring', () => {
  it('may be many: a repeated token gives the successor that was made, whichever made it', async () => {
    const { signIn, keyRing, start } = await startSessionServer();
    const browser = await signIn();
    const body = browser.sessionBody();
    const { refreshToken: successor } = await browser.refresh();
    const later = await afterGrowth(browser, keyRing, start);
    expect((await later.refresh({ body })).refreshToken).toBe(successor);
    await later.refresh();
    await later.refresh();
    // A process that has not read the ring again does not know a token under the new secret.
    browser.session = later.current;
    await expect(browser.refresh()).rejects.toEqual(ended);
  });

  it('may be fewer than they were: a repeated token whose successor nobody can make any more is no theft', async () => {
    const { signIn, keyRing, start, types } = await startSessionServer();
    const browser = await signIn();
    const body = browser.sessionBody();
    const later = await afterGrowth(browser, keyRing, start);
    await later.refresh();
    await expect(browser.refresh({ body })).rejects.toEqual(ended);
    expect(types()).toEqual(['session_started', 'login_succeeded']);
    await later.refresh();
  });

  /** The same browser, at a process whose ring has one more secret and makes tokens under it. */
  async function afterGrowth(
    browser: TestBrowser,
    ring: Server['keyRing'],
    start: Server['start'],
  ): Promise<TestBrowser> {
    const secret = { id: encodeBase64url(new Uint8Array(16)), bytes: new Uint8Array(32).fill(9) };
    const grown = { ...wrap(ring), sessionSecrets: () => [secret, ...ring.sessionSecrets()] };
    const later = new TestBrowser(await start({ keys: grown }), browser.key);
    return Object.assign(later, { session: browser.current, nonce: browser.nonce });
  }

  function wrap(ring: Server['keyRing']) {
    return {
      tokenTtlMs: ring.tokenTtlMs,
      jwksMaxAgeMs: ring.jwksMaxAgeMs,
      active: () => ring.active(),
      find: (kid: string) => ring.find(kid),
      jwks: () => ring.jwks(),
      rotate: () => ring.rotate(),
      close: () => ring.close(),
    };
  }
});
