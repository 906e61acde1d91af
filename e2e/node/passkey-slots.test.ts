import { createHmac } from 'node:crypto';
import { MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const pin = '482913';
const passkey = { passkey: true } as const;
const code = (expected: string) => expect.objectContaining({ code: expected });

interface Asked {
  publicKey: {
    allowCredentials?: { id: Uint8Array; transports?: string[] }[];
    excludeCredentials?: { id: Uint8Array }[];
    extensions: {
      prf: { eval?: { first: Uint8Array }; evalByCredential?: Record<string, { first: Uint8Array }> };
    };
  };
}

/** A browser's authenticator that makes passkeys in sequence. `prf` computes its secrets. */
class Authenticator {
  readonly prompts: string[] = [];
  readonly lastAsked: Asked[] = [];
  prf: (salt: Uint8Array) => Buffer = (salt) => createHmac('sha256', 'authenticator').update(salt).digest();
  cancels = false;
  #made = 0;

  install(url: string): void {
    const prompt = (kind: 'create' | 'get') => async (asked: Asked) => this.#answer(kind, asked);
    vi.stubGlobal('navigator', { credentials: { create: prompt('create'), get: prompt('get') } });
    vi.stubGlobal('PublicKeyCredential', {});
    vi.stubGlobal('location', { hostname: '127.0.0.1', origin: url, href: `${url}/` });
  }

  #answer(kind: 'create' | 'get', asked: Asked): object {
    this.prompts.push(kind);
    this.lastAsked.push(asked);
    if (this.cancels) throw Object.assign(new Error('closed'), { name: 'NotAllowedError' });
    const { allowCredentials, extensions } = asked.publicKey;
    const rawId =
      kind === 'create' ? Uint8Array.of(1, 2, ++this.#made) : (allowCredentials?.[0]?.id as Uint8Array);
    const id = Buffer.from(rawId).toString('base64url');
    const { eval: one, evalByCredential } = extensions.prf;
    const salt = (one ?? evalByCredential?.[id])?.first as Uint8Array;
    return {
      id,
      rawId: Uint8Array.from(rawId).buffer,
      response: { getTransports: () => ['internal', 'hybrid'] },
      getClientExtensionResults: () => ({ prf: { enabled: true, results: { first: this.prf(salt) } } }),
    };
  }
}

let server: TestServer;
let client: ZkpAuthClient;
let authenticator: Authenticator;

const slots = async (): Promise<string[]> => (await client.listSlots('alice')).map(({ kind }) => kind);
const remove = async (kind: string): Promise<void> => {
  const slot = (await client.listSlots('alice')).find((one) => one.kind === kind);
  await client.removeSlot('alice', slot?.id ?? '');
};

beforeEach(async () => {
  server = await startServer();
  authenticator = new Authenticator();
  authenticator.install(server.url);
  client = new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new MemoryKeyStorage({ argon2 }),
  });
  await client.register('alice', pin);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await client.idle();
  await server.stop();
});

describe('adding a passkey', () => {
  it('whose secret differs when it is made keeps the one that it gives when it is used', async () => {
    const { prf } = authenticator;
    authenticator.prf = (salt) => (authenticator.prompts.length === 1 ? Buffer.alloc(32, 7) : prf(salt));
    await client.addPasskeyUnlock('alice', pin);
    expect(authenticator.prompts).toEqual(['create', 'get', 'get']);
    await expect(client.login('alice', passkey)).resolves.toBeDefined();
  });

  it('whose secret is another each time changes nothing', async () => {
    authenticator.prf = () => Buffer.alloc(32, authenticator.prompts.length);
    await expect(client.addPasskeyUnlock('alice', pin)).rejects.toMatchObject({
      code: 'PASSKEY_UNSUPPORTED',
      message: expect.stringContaining('another secret each time') as string,
    });
    expect(await slots()).toEqual(['pin']);
    await expect(client.login('alice', pin)).resolves.toBeDefined();
  });

  it('keeps how it is reached, for the next prompt, also after the record was written anew', async () => {
    await client.addPasskeyUnlock('alice', pin);
    await client.changePin('alice', pin, '738294');
    await client.login('alice', passkey);
    expect(authenticator.lastAsked.at(-1)?.publicKey.allowCredentials).toMatchObject([
      { transports: ['internal', 'hybrid'] },
    ]);
  });
});

describe('removing the PIN, so that a passkey is all that is left', () => {
  beforeEach(async () => {
    await client.addPasskeyUnlock('alice', pin);
    authenticator.prompts.length = 0;
  });

  it('has the passkey open the key first', async () => {
    await remove('pin');
    expect(authenticator.prompts).toEqual(['get']);
    expect(await slots()).toEqual(['passkey']);
    await expect(client.login('alice', passkey)).resolves.toBeDefined();
  });

  it('changes nothing if the passkey does not open it', async () => {
    authenticator.prf = () => Buffer.alloc(32, 9);
    await expect(remove('pin')).rejects.toMatchObject({
      code: 'LAST_SLOT',
      message: expect.stringContaining('does not open the key') as string,
    });
    expect(await slots()).toEqual(['pin', 'passkey']);
    await expect(client.login('alice', pin)).resolves.toBeDefined();
  });

  it('changes nothing if the prompt is closed, or there is no passkey to ask', async () => {
    authenticator.cancels = true;
    await expect(remove('pin')).rejects.toEqual(code('PASSKEY_CANCELLED'));
    vi.stubGlobal('PublicKeyCredential', undefined);
    await expect(remove('pin')).rejects.toEqual(code('PASSKEY_UNSUPPORTED'));
    expect(await slots()).toEqual(['pin', 'passkey']);
    await expect(client.login('alice', pin)).resolves.toBeDefined();
  });

  it('prompts nobody while the PIN stays', async () => {
    await remove('passkey');
    expect(authenticator.prompts).toEqual([]);
    expect(await slots()).toEqual(['pin']);
  });

  it('of two passkeys alone, the one that stays is asked before the other goes', async () => {
    await client.addPasskeyUnlock('alice', pin);
    await remove('pin');
    const [first, second] = await client.listSlots('alice');
    authenticator.lastAsked.length = 0;
    await client.removeSlot('alice', first?.id ?? '');
    expect(authenticator.lastAsked[0]?.publicKey.allowCredentials).toMatchObject([
      { id: Uint8Array.of(1, 2, 2) },
    ]);
    await expect(client.removeSlot('alice', second?.id ?? '')).rejects.toEqual(code('LAST_SLOT'));
  });
});
