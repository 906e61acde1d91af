import { expect, type Page, test } from '@playwright/test';
import {
  buildMessage,
  computeProof,
  credentialIdOf,
  decodeBase64url,
  encodeBase64url,
  generateKeyPair,
  newKeyContext,
} from '@zkp-auth/core';
import { AppPage, appUrl, newUser, otherPin } from './app-page.ts';

/** A proof that the worker gave, and its receiver. */
interface Given {
  by: 'page' | 'script';
  asked: string;
}

interface Opened {
  handle: number;
  credentialId: string;
}

/** A script in the realm of the page. It runs first, and can talk to the real worker. It does not read the PIN. */
interface Script {
  given: Given[];
  refused: string[];
  /** The attack that runs as soon as the key is open, before the page can act. */
  onOpen: ((opened: Opened) => Promise<void>) | null;
  /** The attack that runs when the page has received the proof of its login. */
  onProven: ((opened: Opened) => Promise<void>) | null;
  /** Whether an attack has ended. */
  ended: boolean;
  ask(method: string, ...args: unknown[]): Promise<unknown>;
}

declare global {
  var script: Script;
  function exchangeKey(userId: string, credentialId: string, issued: unknown): Promise<Exchange>;
}

/** The data that the attacker prepares elsewhere. It is a chosen message, and the request that needs its proof. */
interface Exchange {
  message: number[];
  body: Record<string, unknown>;
}

async function takeOver(page: Page): Promise<void> {
  await page.exposeFunction('exchangeKey', exchange);
  await page.addInitScript(() => {
    const post = Worker.prototype.postMessage;
    const asked = new Map<number, Given>();
    const waiting = new Map<number, (data: unknown) => void>();
    const heard = new WeakSet<Worker>();
    let toWorker: (message: unknown) => void;
    let lastId = 1_000_000;
    let opened: Opened | undefined;
    /** The page's messages wait until the script has acted. */
    let turn = Promise.resolve();
    const act = (attack: ((opened: Opened) => Promise<void>) | null): void => {
      if (attack === null || opened === undefined) return;
      script.onOpen = null;
      script.onProven = null;
      turn = attack(opened).then(() => void (script.ended = true));
    };
    globalThis.script = {
      given: [],
      refused: [],
      onOpen: null,
      onProven: null,
      ended: false,
      ask: (method, ...args) => {
        const id = ++lastId;
        if (method === 'prove') asked.set(id, { by: 'script', asked: nameOf(args[1]) });
        toWorker({ id, method, args });
        return new Promise((resolve) => waiting.set(id, resolve));
      },
    };
    const nameOf = (request: unknown): string => (request as { for?: string }).for ?? 'bytes';
    const hear = ({ data }: MessageEvent): void => {
      const { id, result, error } = data as { id: number; result?: unknown; error?: { code?: string } };
      const proof = asked.get(id);
      if (proof !== undefined && result instanceof Uint8Array) script.given.push(proof);
      if (error !== undefined && id > 1_000_000) script.refused.push(error.code ?? 'misuse');
      waiting.get(id)?.(result);
      waiting.delete(id);
      if (typeof result === 'object' && result !== null && 'handle' in result) {
        opened = result as Opened;
        act(script.onOpen);
      }
      if (proof?.by === 'page' && proof.asked === 'login') act(script.onProven);
    };
    Worker.prototype.postMessage = function (this: Worker, message: unknown): void {
      if (!heard.has(this)) this.addEventListener('message', hear);
      heard.add(this);
      toWorker = (sent) => post.call(this, sent);
      const { id, method, args } = message as { id: number; method?: string; args?: unknown[] };
      if (method === 'prove') asked.set(id, { by: 'page', asked: nameOf(args?.[1]) });
      void turn.then(() => post.call(this, message));
    } as Worker['postMessage'];
  });
}

/** The message and the request with which a thief would replace a user's key by the thief's own key. */
function exchange(userId: string, credentialId: string, issued: unknown): Exchange {
  const { challengeId, challenge: text } = issued as { challengeId: string; challenge: string };
  const thief = generateKeyPair();
  const [origin, audience] = [appUrl(), appUrl()];
  const fields = {
    purpose: 'rotate-key',
    origin,
    audience,
    userId,
    challengeId,
    challenge: decodeBase64url(text) as Uint8Array,
    context: newKeyContext({ newPublicKey: thief.publicKey }),
  } as const;
  const own = buildMessage({ ...fields, credentialId: credentialIdOf(thief.publicKey) });
  return {
    message: [...buildMessage({ ...fields, credentialId })],
    body: {
      userId,
      credentialId,
      challengeId,
      origin,
      audience,
      newPublicKey: encodeBase64url(thief.publicKey),
      newProof: encodeBase64url(computeProof(thief.secretKey, own)),
    },
  };
}

/** A signed-out person with a key on this device, in a page that the script has taken over. */
async function victimOf(page: Page): Promise<{ app: AppPage; user: string }> {
  const user = newUser('victim');
  await takeOver(page);
  const app = await AppPage.signedIn(page, user);
  await app.signOut();
  await page.evaluate(() => void (script.given = []));
  return { app, user };
}

const ended = (page: Page): Promise<unknown> => page.waitForFunction(() => script.ended);
const given = (page: Page): Promise<Given[]> => page.evaluate(() => script.given);

test('gets no proof over bytes of its own while a person signs in', async ({ page }) => {
  const { app, user } = await victimOf(page);
  await page.evaluate(() => {
    script.onOpen = async ({ handle }) => {
      const asked = Array.from({ length: 155 }, () =>
        script.ask('prove', handle, crypto.getRandomValues(new Uint8Array(32))),
      );
      await Promise.all(asked);
    };
  });
  await app.login(user);
  await ended(page);
  expect((await given(page)).filter(({ by }) => by === 'script')).toEqual([]);
  expect(new Set(await page.evaluate(() => script.refused))).toEqual(new Set(['VAULT_UNAVAILABLE']));
  await expect(app.alert, 'the person hears of it').toBeVisible();

  await app.login(user);
  await app.expectSignedIn(user);
});

test('cannot replace the key by one of its own', async ({ page }) => {
  const { app, user } = await victimOf(page);
  await page.evaluate((userId) => {
    const send = (path: string, body: unknown): Promise<Response> =>
      fetch(`/auth/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    const text = (bytes: Uint8Array): string =>
      btoa(String.fromCharCode(...bytes))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '');
    script.onOpen = async ({ handle, credentialId }) => {
      const asked = { purpose: 'rotate-key', userId, credentialId };
      const issued = (await (await send('challenge', asked)).json()) as {
        challengeId: string;
        challenge: string;
      };
      const { message, body } = await exchangeKey(userId, credentialId, issued);
      const bytes = (await script.ask('prove', handle, Uint8Array.from(message))) as Uint8Array | undefined;
      const proof = text(bytes ?? crypto.getRandomValues(new Uint8Array(64)));
      const { status } = await send('rotate-key', { ...body, proof });
      script.refused.push(`/rotate-key ${status}`);
    };
  }, user);
  const rotation = page.waitForResponse('**/auth/rotate-key');
  await app.login(user);
  expect((await rotation).status()).toBe(401);
  await ended(page);
  expect((await given(page)).filter(({ by }) => by === 'script')).toEqual([]);
  await expect(app.alert, 'the person hears of it').toBeVisible();

  await app.login(user);
  await app.expectSignedIn(user);
});

test('gets no second login out of the key, and no renewal but the one', async ({ page }) => {
  const { app, user } = await victimOf(page);
  await app.login(user, otherPin);
  await expect(app.alert).toContainText('9 tries left');
  const renewal = page.waitForResponse('**/auth/pin');
  await app.login(user);
  await app.expectSignedIn(user);
  expect((await renewal).status()).toBe(204);
  await expect(app.card.getByText('Cancel')).toBeHidden();
  const honest = await given(page);
  expect(honest.map(({ asked }) => asked).filter((asked) => asked !== 'return')).toEqual([
    'login',
    'change-pin',
  ]);

  // Repeat the login. After the page's own login, the script asks for one more.
  await app.signOut();
  await page.evaluate(() => void (script.given = []));
  await page.evaluate(() => {
    script.onProven = async ({ handle }) => {
      const challenge = crypto.getRandomValues(new Uint8Array(32));
      const sessionKey = crypto.getRandomValues(new Uint8Array(32));
      const asked = { for: 'login', challengeId: 'AAAAAAAAAAAAAAAAAAAAAA', challenge, sessionKey };
      await script.ask('prove', handle, asked);
    };
  });
  await app.login(user);
  await app.expectSignedIn(user);
  await ended(page);
  const all = await given(page);
  expect(all.filter(({ by }) => by === 'script')).toEqual([]);
  expect(all.filter(({ asked }) => asked === 'login')).toHaveLength(1);
  expect(await page.evaluate(() => script.refused)).toEqual(['VAULT_UNAVAILABLE']);
});
