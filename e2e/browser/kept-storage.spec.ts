import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser } from './app-page.ts';

type Answer = boolean | 'none yet' | 'error';

declare global {
  /** How often the page asked the browser to persist the storage. */
  var asked: number;
}

/** Make the browser answer a request for persistent storage with this answer, and count the requests. */
async function browserAnswers(page: Page, answer: Answer): Promise<void> {
  await page.addInitScript((given) => {
    globalThis.asked = 0;
    let persisted = false;
    navigator.storage.persisted = async () => persisted;
    navigator.storage.persist = async () => {
      globalThis.asked++;
      if (given === 'none yet') return new Promise(() => undefined);
      if (given === 'error') throw new TypeError('refused');
      persisted = given;
      return given;
    };
  }, answer);
}

const asked = (page: Page): Promise<number> => page.evaluate(() => globalThis.asked);
const offer = (app: AppPage) => app.page.getByRole('group', { name: 'Keep this key safe from clean-ups' });
const storageRow = (app: AppPage) => app.rows('How the key is kept');

test('a registration asks the browser for nothing, and offers to, in words of the page', async ({ page }) => {
  await browserAnswers(page, true);
  const app = await AppPage.signedIn(page, newUser('kept'));
  await expect(offer(app)).toContainText('It may ask you to allow it.');
  expect(await asked(page)).toBe(0);
  await offer(app).getByRole('button', { name: 'Keep it safe' }).click();
  await expect(app.status).toContainText('keeps this site’s storage now');
  await expect(offer(app)).toBeHidden();
  expect(await asked(page)).toBe(1);
  await app.tab('Security').click();
  await expect(storageRow(app)).toHaveText(/kept until you clear it yourself$/);
  await expect(storageRow(app).getByRole('button')).toHaveCount(0);
});

test('who says not now is not asked again by this page, and can change their mind', async ({ page }) => {
  await browserAnswers(page, true);
  const app = await AppPage.signedIn(page, newUser('later'));
  await offer(app).getByRole('button', { name: 'Not now' }).click();
  await expect(offer(app)).toBeHidden();
  await app.signOut();
  const other = newUser('another');
  await app.register(other);
  await app.expectSignedIn(other);
  await expect(offer(app)).toBeHidden();
  expect(await asked(page)).toBe(0);
  await app.tab('Security').click();
  await expect(storageRow(app)).toContainText('may be cleared when space runs short');
  await storageRow(app).getByRole('button', { name: 'Keep it safe' }).click();
  await expect(storageRow(app)).toContainText('kept until you clear it yourself');
});

test('who was not promised anything is told to save the key as a file', async ({ page }) => {
  await browserAnswers(page, false);
  const app = await AppPage.signedIn(page, newUser('refused'));
  await offer(app).getByRole('button', { name: 'Keep it safe' }).click();
  await expect(app.status).toContainText('Save the key as a file');
  await expect(offer(app)).toBeHidden();
  await app.tab('Security').click();
  await expect(storageRow(app)).toContainText('may be cleared when space runs short');
});

test('a browser that does not say is an error with an explanation', async ({ page }) => {
  await browserAnswers(page, 'error');
  const app = await AppPage.signedIn(page, newUser('unsaid'));
  await offer(app).getByRole('button', { name: 'Keep it safe' }).click();
  await expect(app.alert).not.toContainText('This is a fault of this application');
  await expect(app.alert).not.toBeEmpty();
});

test('nothing waits for the answer to the browser’s question', async ({ page }) => {
  await browserAnswers(page, 'none yet');
  const app = await AppPage.signedIn(page, newUser('unanswered'));
  const keep = offer(app).getByRole('button', { name: 'Keep it safe' });
  await keep.click();
  await keep.click();
  expect(await asked(page), 'it is asked once at a time').toBe(1);
  await app.pay('bob', '1');
  await app.signOut();
});

test('a browser that cannot be asked gets the offer to save a file', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'storage', { value: undefined });
  });
  const app = await AppPage.signedIn(page, newUser('unasked'));
  await expect(offer(app)).toContainText('cannot be asked to keep it');
  await app.tab('Security').click();
  await expect(storageRow(app)).toContainText('save the key as a file');
  await expect(storageRow(app).getByRole('button')).toHaveCount(0);
  await offer(app).getByRole('button', { name: 'Save it as a file' }).click();
  await expect(app.dialog).toBeVisible();
  await expect(offer(app)).toBeHidden();
});

test('a key that was brought in gets the offer, which stands until it is answered', async ({ page }) => {
  await browserAnswers(page, true);
  const app = await AppPage.open(page);
  const user = newUser('brought');
  await app.register(user);
  const blob = await app.saveKey();
  await app.page.reload();
  await app.signOut();
  await app.bringKey(blob);
  await expect(offer(app)).toBeVisible();
  await expect(app.panel.getByLabel('PIN', { exact: true }), 'it takes no focus').toBeFocused();
  expect(await asked(page)).toBe(0);
  await app.login(user);
  await app.expectSignedIn(user);
  await expect(offer(app)).toBeVisible();
});

test('the offer is answered by keyboard, and the focus goes on to who is signed in', async ({ page }) => {
  await browserAnswers(page, true);
  const user = newUser('keys-only');
  const app = await AppPage.signedIn(page, user);
  const heading = app.page.getByRole('heading', { name: user, exact: true });
  await expect(heading).toBeFocused();
  const keep = offer(app).getByRole('button', { name: 'Keep it safe' });
  for (let tabs = 0; tabs < 5; tabs++) {
    await page.keyboard.press('Tab');
    if (await keep.evaluate((element) => element === document.activeElement)) break;
  }
  await expect(keep).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(app.status).toContainText('keeps this site’s storage now');
  await expect(heading).toBeFocused();
});
