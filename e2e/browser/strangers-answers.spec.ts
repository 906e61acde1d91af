import { expect, type Route, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';

// A machine between the page and its server answers instead of the server, as happens to real browsers.

const offlinePage = (route: Route): Promise<void> =>
  route.fulfill({ status: 200, contentType: 'text/html', body: '<!doctype html><p>You are offline.' });

test('an offline page in the place of “the PIN is changed” changes nothing: the PIN that worked goes on working', async ({
  page,
}) => {
  const user = newUser('offline');
  const app = await AppPage.signedIn(page, user);
  await page.route('**/auth/pin', offlinePage);
  await app.changePin(pin, otherPin);
  await expect(app.dialog.getByRole('alert')).toContainText('Nothing is lost');
  await page.unroute('**/auth/pin');
  await page.keyboard.press('Escape');
  await app.signOut();
  await app.login(user, pin);
  await app.expectSignedIn(user);
});

test('a service worker’s offline page loses no PIN, and the page does not pretend that the server heard of a sign-out', async ({
  browser,
}) => {
  // The quickstart's policy lets no script of a test register a service worker.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  const user = newUser('worker');
  const app = await AppPage.signedIn(page, user);
  const script = `
    let offline = [];
    addEventListener('message', ({ data, ports }) => { offline = data; ports[0].postMessage('heard'); });
    addEventListener('install', () => skipWaiting());
    addEventListener('activate', (event) => event.waitUntil(clients.claim()));
    addEventListener('fetch', (event) => {
      if (!offline.includes(new URL(event.request.url).pathname)) return;
      event.respondWith(new Response('<!doctype html>You are offline.', { headers: { 'Content-Type': 'text/html' } }));
    });`;
  await context.route('**/assets/offline-worker.js', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      headers: { 'Service-Worker-Allowed': '/' },
      body: script,
    }),
  );
  const goOffline = (paths: string[]) =>
    page.evaluate(async (offline) => {
      const { port1, port2 } = new MessageChannel();
      const heard = new Promise((resolve) => (port1.onmessage = resolve));
      navigator.serviceWorker.controller?.postMessage(offline, [port2]);
      await heard;
    }, paths);
  await page.evaluate(async () => {
    const controlled = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve),
    );
    await navigator.serviceWorker.register('/assets/offline-worker.js', { scope: '/' });
    await controlled;
  });
  await goOffline(['/auth/pin', '/auth/sign-out']);
  await app.changePin(pin, otherPin);
  await expect(app.dialog.getByRole('alert')).toContainText('Nothing is lost');
  await page.keyboard.press('Escape');
  await app.button('Sign out').click();
  await expect(app.status).toContainText('The server could not be told');
  await goOffline([]);
  await app.login(user, pin);
  await app.expectSignedIn(user);
  await context.close();
});

test('an outage of a dozen sign-ins, and as many reloads, costs the right PIN nothing', async ({ page }) => {
  test.slow();
  const user = newUser('outage');
  // The pause before a proof is sent again is a random share of its bound.
  await page.addInitScript(() => {
    Math.random = () => 0;
  });
  const app = await AppPage.signedIn(page, user);
  await app.signOut();
  let lost = 0;
  await page.route('**/auth/verify', async (route) => {
    lost++;
    if (lost % 2 === 0) await route.fulfill({ status: 503, contentType: 'text/html', body: 'Bad gateway' });
    else await route.abort();
  });
  for (let n = 0; n < 12; n++) {
    await app.login(user, pin);
    await expect(app.alert).toBeVisible();
    await expect(app.alert).not.toContainText('wait');
    if (n % 3 === 2) await page.reload();
  }
  expect(lost).toBeGreaterThanOrEqual(12);
  await page.unroute('**/auth/verify');
  await app.login(user, pin);
  await app.expectSignedIn(user);
  await expect(page.getByText('came to nothing')).toHaveCount(0);
});

test('an offline page in the place of “paid” is no payment', async ({ page }) => {
  const app = await AppPage.signedIn(page, newUser('payer'));
  await page.route('**/api/payments', (route) =>
    route.request().method() === 'POST' ? offlinePage(route) : route.continue(),
  );
  await app.order('bob', '5');
  await app.confirm();
  await expect(app.dialog.getByRole('alert')).toContainText('It is not known whether this payment was made.');
  await expect(app.status).not.toContainText('Paid');
});
