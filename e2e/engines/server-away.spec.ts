import { newUser } from './app-page.ts';
import { test } from './engine-test.ts';

const auth = /^\w+ \/auth\//;

test('without the server a page says so and goes on later, and signing out works all the same', async ({
  newPage,
  wire,
}) => {
  const app = await newPage();
  const user = newUser('offline');
  await app.registerAndEnter(user);
  wire.lose(auth);
  await app.page.reload();
  await app.complains('The server cannot be reached.');
  wire.mend();
  await app.button('Try again').click();
  await app.expectSignedIn(user);

  wire.lose(auth);
  await app.signOut();
  await app.says('The server could not be told');
  wire.mend();
  await app.page.reload();
  await app.expectSignedOut();
});

test('a sign-in while the server is away, overloaded or hidden behind a page says so, and works afterwards', async ({
  newPage,
  wire,
}) => {
  const app = await newPage();
  const user = newUser('waiting');
  await app.registerAndEnter(user);
  await app.signOut();
  wire.lose(auth);
  await app.login(user);
  await app.complains('The server cannot be reached.');
  wire.mend();
  wire.refuse(auth);
  await app.login(user);
  await app.complains('Something between you and the server answered in its place.');
  wire.mend();
  await app.loginAndEnter(user);
  await app.signOut();
  wire.answerOffline(auth);
  await app.login(user);
  await app.complains('Something between you and the server answered in its place.');
  wire.mend();
  await app.loginAndEnter(user);
});
