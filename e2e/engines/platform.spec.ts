import { expect } from 'vitest';
import { AppPage, newUser } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

interface StoredKey {
  algorithm: string;
  curve: string | undefined;
  type: string;
  extractable: boolean;
  works: boolean;
}

/** The WebCrypto keys that the page keeps for its sessions, as IndexedDB returns them. */
async function readSessionKeys(): Promise<StoredKey[]> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error as DOMException));
    });
  const database = await done(indexedDB.open('zkp-auth-sessions'));
  const stores = [...database.objectStoreNames];
  const records = await Promise.all(
    stores.map((name) =>
      done(database.transaction(name).objectStore(name).getAll() as IDBRequest<unknown[]>),
    ),
  );
  database.close();
  const pairs = records
    .flat()
    .map((record) => (record as { keyPair?: CryptoKeyPair }).keyPair)
    .filter((pair) => pair !== undefined);
  const signs = async ({ privateKey, publicKey }: CryptoKeyPair): Promise<boolean> => {
    const algorithm = { ...privateKey.algorithm, hash: 'SHA-256' };
    const data = new Uint8Array(8);
    const signature = await crypto.subtle.sign(algorithm, privateKey, data);
    return crypto.subtle.verify(algorithm, publicKey, signature, data);
  };
  return Promise.all(
    pairs.map(async (pair) => ({
      algorithm: pair.privateKey.algorithm.name,
      curve: (pair.privateKey.algorithm as EcKeyAlgorithm).namedCurve,
      type: pair.privateKey.type,
      extractable: pair.privateKey.extractable,
      works: await signs(pair),
    })),
  );
}

test('the key of a session cannot be taken out of the browser, and is read back from IndexedDB after a restart', async ({
  newDevice,
  wire,
}) => {
  const device = await newDevice({ own: true });
  const app = await AppPage.open(device, wire.url);
  await app.registerAndEnter(newUser('bound'));
  const kept = [{ algorithm: 'ECDSA', curve: 'P-256', type: 'private', extractable: false, works: true }];
  expect(await app.page.evaluate(readSessionKeys)).toEqual(kept);
  await device.kill('group');
  await device.startAgain();
  const page = await device.newTab();
  // This is not a page of the app. The app would delete the key of a session whose cookie is not on disk yet.
  await page.goto(`${wire.url}/favicon.svg`);
  expect(await page.evaluate(readSessionKeys)).toEqual(kept);
});

for (const host of ['localhost', '127.0.0.1']) {
  test(`on http://${host} the cookie of a session is kept, hidden from scripts, and sent after a reload`, async ({
    newDevice,
    wire,
  }) => {
    const url = host === 'localhost' ? wire.url : wire.numericUrl;
    const app = await AppPage.open(await newDevice(), url);
    const user = newUser('cookie');
    await app.registerAndEnter(user);
    const [set] = wire.arrivals('POST /auth/register').at(-1)?.setCookie ?? [];
    const [pair, ...attributes] = (set ?? '').split('; ');
    // WebKit stores no Secure cookie and no `__Host-` cookie from http. The other two make an exception for loopback.
    expect(pair).toMatch(/^zkp-refresh-\d+=./);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Strict']));
    expect(attributes).not.toContain('Secure');
    expect(await app.page.evaluate(() => document.cookie)).toBe('');
    wire.reset();
    await app.page.reload();
    await app.expectSignedIn(user);
    expect(wire.arrivals('POST /auth/refresh')).toMatchObject([{ cookie: pair, status: 200 }]);
  });
}

test('an error, an unhandled rejection and a violation of the policy would be seen by these tests', async ({
  newDevice,
  wire,
}) => {
  const device = await newDevice();
  const app = await AppPage.open(device, wire.url);
  await app.page.evaluate(() => {
    setTimeout(() => {
      throw new Error('thrown late');
    });
    void Promise.reject(new Error('nobody listens'));
    const image = new Image();
    image.src = 'https://elsewhere.invalid/';
  });
  const seen = async (): Promise<string> => device.problems.join('\n');
  await soon(seen).toContain('thrown late');
  await soon(seen).toContain('nobody listens');
  await soon(seen).toMatch(/policy violation: img-src/);
  device.forgetProblems();
});
