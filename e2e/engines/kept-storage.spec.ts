import { expect } from 'vitest';
import { newUser } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

declare global {
  /** How often the page asked the browser to persist the storage. */
  var asked: number;
}

test('a registration asks the browser for nothing', async ({ newPage }) => {
  const app = await newPage();
  const countQuestions = (): Promise<boolean> =>
    app.page.evaluate(() => {
      globalThis.asked = 0;
      const { storage } = navigator as { storage?: StorageManager };
      if (storage === undefined) return false;
      storage.persist = async () => {
        globalThis.asked++;
        return false;
      };
      return true;
    });
  const canBeAsked = await countQuestions();
  await app.registerAndEnter(newUser('unasked'));
  const offer = app.page.getByRole('group', { name: 'Keep this key safe from clean-ups' });
  await soon(() => offer.text()).toContain(canBeAsked ? 'It may ask you' : 'cannot be asked');
  expect(await app.page.evaluate(() => globalThis.asked)).toBe(0);
});
