import { expect, test } from '@playwright/test';
import { appUrl, newUser, pin } from './app-page.ts';
import { openLab } from './known-key.ts';

const policyHeader = 'content-security-policy';

test('on a page with a base, a relative baseUrl and relative requests go where fetch would send them', async ({
  page,
}) => {
  await page.route('**/lab/', async (route) => {
    const response = await route.fetch();
    const policy = response.headers()[policyHeader]?.replace("base-uri 'none'; ", '') ?? '';
    await route.fulfill({
      response,
      headers: { ...response.headers(), [policyHeader]: policy },
      body: (await response.text()).replace('<head>', '<head><base href="/" />'),
    });
  });
  await openLab(page);
  const session = await page.evaluate(
    async ([userId, secret]) => {
      const client = lab.clientAt('auth');
      await client.register(userId, secret);
      const own = await client.fetch('api/profile');
      const platforms = await fetch('api/profile');
      return { status: own.status, urls: [own.url, platforms.url] };
    },
    [newUser('based'), pin] as const,
  );
  const expected = `${appUrl()}/api/profile`;
  expect(session).toEqual({ status: 200, urls: [expected, expected] });
});

test('the policy forbids a base that somebody put into the page', async ({ page }) => {
  await page.goto(appUrl());
  const base = await page.evaluate(() => {
    document.head.append(Object.assign(document.createElement('base'), { href: 'https://evil.example/' }));
    return document.baseURI;
  });
  expect(base).toBe(`${appUrl()}/`);
});
