import { generatePassphrase } from '@zkp-auth/client';
import { client } from './client.js';

const pin = '482913';

/** Walk through the client as a person does, and show the outcome as the page's title. */
export async function tryOut() {
  try {
    const userId = `user-${crypto.randomUUID()}`;
    await client.register(userId, pin);
    await client.signOut();
    const { userId: signedIn } = await client.login(userId, pin);
    const passphrase = await generatePassphrase();
    const blob = await client.exportKeyBlob(userId, pin, { passphrase });
    const right = signedIn === userId && JSON.parse(blob).userId === userId;
    document.title = right ? 'all went well' : `not ${userId}: ${signedIn}, ${blob}`;
  } catch (error) {
    document.title = `${error.code ?? error.name}: ${error.message}`;
    console.error(error);
  }
}
