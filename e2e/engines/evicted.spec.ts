import { newUser } from './app-page.ts';
import { test } from './engine-test.ts';

/** Evict like a browser that needs space. The databases are deleted, and localStorage stays. */
async function deleteDatabases(): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name as string);
      request.addEventListener('success', () => resolve());
      request.addEventListener('blocked', () => reject(new Error(`${name} is in use`)));
      request.addEventListener('error', () => reject(request.error as DOMException));
    });
  }
}

test('a key that the browser cleared is told apart from a name never registered, and its file brings it back', async ({
  newPage,
  wire,
}) => {
  const app = await newPage();
  const user = newUser('evicted');
  await app.registerAndEnter(user);
  const blob = await app.saveKey();
  await app.signOut();
  await app.page.goto(`${wire.url}/favicon.svg`);
  await app.page.evaluate(deleteDatabases);
  await app.page.goto(wire.url);
  await app.login(user);
  await app.complains('The browser has cleared the key that was here.');
  await app.login(newUser('never-seen'));
  await app.complains('This device has no key for this name.');
  await app.bringKey(blob);
  await app.says('is on this device now');
  await app.loginAndEnter(user);
});
