import { type BrowserContext, type Cookie, expect, type Page, test } from '@playwright/test';
import { AppPage, newUser } from './app-page.ts';
import { clockedUrl, eventsAbout } from './clocked-app.ts';
import { openLab, registerKnownKey, signInWithKnownKey } from './known-key.ts';

async function refreshCookie(context: BrowserContext): Promise<Cookie> {
  const cookie = (await context.cookies()).find(({ name }) => name.startsWith('zkp-refresh-'));
  if (cookie === undefined) throw new Error('there is no refresh cookie');
  return cookie;
}

/** Read all that a script of the page can read, as text, and try to export the keys. */
function readAll(page: Page): Promise<{ text: string; exported: string[] }> {
  return page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error as DOMException));
      });
    const parts: string[] = [document.cookie];
    for (const storage of [localStorage, sessionStorage]) parts.push(JSON.stringify({ ...storage }));
    const keys: CryptoKey[] = [];
    const replacer = (_: string, value: unknown): unknown => {
      if (value instanceof CryptoKey) keys.push(value);
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
        const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer);
        return new TextDecoder().decode(bytes);
      }
      return value;
    };
    for (const { name } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name as string));
      for (const store of database.objectStoreNames) {
        const values = await settled(database.transaction(store).objectStore(store).getAll());
        parts.push(`${name}/${store}: ${JSON.stringify(values, replacer)}`);
      }
      database.close();
    }
    const exported: string[] = [];
    for (const key of keys.filter(({ type }) => type === 'private')) {
      for (const format of ['jwk', 'pkcs8'] as const) {
        exported.push(
          await crypto.subtle.exportKey(format, key).then(
            () => 'exported',
            (error: Error) => error.name,
          ),
        );
      }
    }
    return { text: parts.join('\n'), exported };
  });
}

test('no script of the page can read the refresh cookie or the access token, or take the session’s key away', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('kept'));
  await signInWithKnownKey(page, key);
  const granted = page.waitForResponse(
    (response) => response.url().endsWith('/auth/refresh') && response.status() === 200,
  );
  await page.reload();
  const { token } = (await (await granted).json()) as { token: string };
  const cookie = await refreshCookie(context);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost' });
  expect(cookie.expires, 'it outlives the browser').toBeGreaterThan(Date.now() / 1000);
  const { text, exported } = await readAll(page);
  expect(text, 'it was read').toContain(key.userId);
  expect(text).not.toContain(cookie.value);
  expect(text).not.toContain(token);
  expect(exported).toEqual(['InvalidAccessError', 'InvalidAccessError']);
});

test('a stolen cookie opens nothing elsewhere; under another key it ends the session, and the owner is told', async ({
  page,
  context,
  browser,
}) => {
  const key = await registerKnownKey(newUser('robbed'), clockedUrl());
  const { userId, credentialId } = key;
  const owner = await signInWithKnownKey(page, key, clockedUrl());
  const cookie = await refreshCookie(context);
  const sessionId = Buffer.from(cookie.value, 'base64url').subarray(0, 32).toString('base64url');

  const elsewhere = await browser.newContext();
  await elsewhere.addCookies([cookie]);
  const thief = await AppPage.open(await elsewhere.newPage(), clockedUrl());
  await expect(thief.tab('Create account')).toBeVisible();
  const refused = await thief.page.evaluate(
    async (body) =>
      (await fetch('/auth/refresh', { method: 'POST', headers: body.headers, body: body.text })).status,
    {
      headers: { 'Content-Type': 'application/json' },
      text: JSON.stringify({ sessionId, audience: clockedUrl() }),
    },
  );
  expect(refused, 'without a key').toBe(401);
  await page.reload();
  await owner.expectSignedIn(userId);
  expect(eventsAbout(userId), 'nothing has come of it, and the operator has heard of it').toEqual([
    expect.stringMatching(/ dpop_rejected .*"reason":"missing"/),
  ]);

  await openLab(thief.page, clockedUrl());
  await thief.page.evaluate((session) => lab.pretendSession(session), { userId, credentialId, sessionId });
  expect(await thief.page.evaluate(() => lab.client.getSession())).toBeNull();
  await elsewhere.close();
  await expect(() => expect(eventsAbout(userId).join()).toContain('refresh_reuse_detected')).toPass();
  await owner.tab('Sessions').click();
  await owner.expectSignedOutElsewhere(userId);
});
