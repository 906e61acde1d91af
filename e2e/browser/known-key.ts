import type { Page } from '@playwright/test';
import { browserComputeProof, type KeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { buildMessage, credentialIdOf, generateKeyPair, registerContext } from '@zkp-auth/core';
import { AppPage, appUrl, pin } from './app-page.ts';

/** A registered key. The test knows its secret key. */
export interface KnownKey {
  userId: string;
  credentialId: string;
  publicKey: number[];
  secretKey: number[];
}

/** Register a name, as a device does that signs out at once. */
export async function registerKnownKey(userId: string, url = appUrl()): Promise<KnownKey> {
  const { publicKey, secretKey } = generateKeyPair();
  const credentialId = credentialIdOf(publicKey);
  const needed: Pick<KeyStorage, 'evictable' | 'hasKey' | 'listKeys' | 'activateKey' | 'generateAndStore'> = {
    evictable: false,
    hasKey: async () => false,
    listKeys: async () => [],
    activateKey: async () => undefined,
    generateAndStore: async () => ({
      credentialId,
      publicKey,
      prove: async (request) => {
        if (request.for !== 'register') throw new Error('it registers, and nothing else');
        const { challengeId, challenge, sessionKey } = request;
        const context = registerContext({ publicKey, sessionKey });
        const bound = { origin: url, audience: url, userId, credentialId, challengeId, challenge, context };
        return browserComputeProof(secretKey, buildMessage({ purpose: 'register', ...bound }));
      },
      dispose: () => undefined,
    }),
  };
  const storage = needed as KeyStorage;
  const client = new ZkpAuthClient({ baseUrl: `${url}/auth`, origin: url, storage });
  await client.register(userId, pin);
  await client.endAllSessions();
  return { userId, credentialId, publicKey: [...publicKey], secretKey: [...secretKey] };
}

/** Open the second page of the build. The test can call the library there. */
export async function openLab(page: Page, url = appUrl()): Promise<void> {
  await page.goto(`${url}/lab/`);
  await page.waitForFunction(() => 'lab' in globalThis);
}

/** Sign in without the cost of a PIN. The lab starts the session, and the app continues it. */
export async function signInWithKnownKey(page: Page, key: KnownKey, url = appUrl()): Promise<AppPage> {
  await openLab(page, url);
  await page.evaluate(([known, secret]) => lab.clientWithKey(known).login(known.userId, secret), [
    key,
    pin,
  ] as const);
  const app = await AppPage.open(page, url);
  await app.expectSignedIn(key.userId);
  return app;
}
