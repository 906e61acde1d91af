// A killed browser loses the data that it has not written to disk yet. It writes cookies after some seconds, and
// localStorage later.
import { expect } from 'vitest';
import { AppPage, newUser } from './app-page.ts';
import { test } from './engine-test.ts';

function deleteKeys(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('zkp-auth');
    request.addEventListener('success', () => resolve());
    request.addEventListener('error', () => reject(request.error as DOMException));
  });
}

test('killed right after signing in: the page goes on with the session, or says who was signed in and no more', async ({
  newDevice,
  wire,
  app: server,
}) => {
  const device = await newDevice({ own: true });
  const user = newUser('crashed');
  await (await AppPage.open(device, wire.url)).registerAndEnter(user);
  await device.kill('group');
  await device.startAgain();
  const app = await AppPage.open(device, wire.url);
  if (await app.isSignedIn()) await app.signOut();
  else {
    await app.says(`${user} was signed in here. Sign in to go on.`);
    expect(await app.alert.text()).toBe('');
  }
  await app.loginAndEnter(user);
  expect(server.eventsAbout(user).join(' ')).not.toMatch(/refresh_reuse_detected|record_clone_suspected/);
});

test('killed right after registering: a key that is cleared before the next visit is still told from none', async ({
  newDevice,
  wire,
}) => {
  const device = await newDevice({ own: true });
  const user = newUser('cleared');
  await (await AppPage.open(device, wire.url)).registerAndEnter(user);
  await device.kill('group');
  await device.startAgain();
  const elsewhere = await device.newTab();
  await elsewhere.goto(`${wire.url}/favicon.svg`);
  await elsewhere.evaluate(deleteKeys);
  const app = await AppPage.open(device, wire.url);
  if (await app.isSignedIn()) await app.signOut();
  await app.login(user);
  await app.complains('The browser has cleared the key that was here.');
});
