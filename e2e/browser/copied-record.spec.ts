import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, otherPin } from './app-page.ts';

type Entry = [id: string, value: object];

/** Read all records that a person with access to this browser's profile could copy. */
function readRecords(page: Page): Promise<Entry[]> {
  return page.evaluate(async (): Promise<Entry[]> => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error as DOMException));
      });
    const database = await settled(indexedDB.open('zkp-auth'));
    const keys = database.transaction('keys').objectStore('keys');
    const [ids, values] = await Promise.all([settled(keys.getAllKeys()), settled(keys.getAll())]);
    database.close();
    return ids.map((id, i) => [id as string, values[i] as object]);
  });
}

async function writeRecords(page: Page, entries: Entry[]): Promise<void> {
  await page.evaluate(
    (copied) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('zkp-auth');
        opening.addEventListener('success', () => {
          const transaction = opening.result.transaction('keys', 'readwrite');
          for (const [id, value] of copied) transaction.objectStore('keys').put(value, id);
          transaction.addEventListener('complete', () => {
            opening.result.close();
            resolve();
          });
          transaction.addEventListener('error', () => reject(transaction.error as DOMException));
        });
      }),
    entries,
  );
}

test('a copied record is dead after the owner’s next sign-in, and the owner hears of its use', async ({
  page,
  browser,
}) => {
  const user = newUser('copied');
  const owner = await AppPage.open(page);
  await owner.register(user);
  await owner.expectSignedIn(user);
  await owner.signOut();

  const thief = await AppPage.open(await (await browser.newContext()).newPage());
  await expect(thief.page.getByText('None yet. Create one')).toBeVisible();
  await writeRecords(thief.page, await readRecords(page));
  await thief.page.reload();
  await expect(thief.account(user)).toBeVisible();
  await thief.login(user, otherPin);
  await expect(thief.alert).toContainText('9 tries left');

  await owner.login(user, otherPin);
  await expect(owner.alert, 'it is one count, wherever the record is').toContainText('8 tries left');
  const renewed = page.waitForResponse('**/auth/pin');
  await owner.login(user);
  await owner.expectSignedIn(user);
  await expect(owner.card).toContainText('2 tries at your PIN came to nothing since your last sign-in.');
  expect((await renewed).status(), 'the key is renewed, unseen').toBe(204);
  await expect(owner.card.getByText('Cancel')).toBeHidden();

  await thief.login(user);
  await expect(thief.alert, 'even with the right PIN').toContainText('This PIN is locked.');
  await thief.page.context().close();

  await owner.signOut();
  await owner.login(user);
  await owner.expectSignedIn(user);
  await expect(owner.card).toContainText('Somebody used an old copy of your key on');
  await expect(owner.card).not.toContainText('wrong PIN');
});
