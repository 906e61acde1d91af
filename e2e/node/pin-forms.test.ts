import { MemoryKeyStorage, VaultKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Records } from './records.ts';
import { startServer, type TestServer } from './test-server.ts';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const pin = '482619';
const spellings = [
  '482619 ',
  '482619\n',
  '482 619',
  '482-619',
  '\u200b482619\u200f',
  '\ufeff482619',
  '٤٨٢٦١٩',
  '४८२६१९',
];
const code = (expected: string) => expect.objectContaining({ code: expected });

/** Records whose slots a test can look at and change. */
class SlotRecords extends Records {
  /** The slots on disk at the moment. */
  get slots(): Record<string, unknown>[] {
    const [{ active } = { active: null }] = this.values.values();
    return (active as { slots: Record<string, unknown>[] }).slots;
  }
}

let server: TestServer;
let records: SlotRecords;
let client: ZkpAuthClient;
let failures: unknown[];

const clientOver = (storage: VaultKeyStorage | MemoryKeyStorage): ZkpAuthClient =>
  new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage,
    onBackgroundError: (error) => void failures.push(error),
  });
const tries = async (): Promise<number[]> =>
  (await server.auth.listPins('alice')).flatMap((p) => (p.retiredAtMs === null ? [p.attemptsLeft] : []));

beforeEach(async () => {
  failures = [];
  server = await startServer();
  records = new SlotRecords();
  client = clientOver(new VaultKeyStorage(records, { argon2 }));
});
afterEach(async () => {
  await client.idle();
  expect(failures).toEqual([]);
  await server.stop();
});

describe('a PIN that is pasted, grouped or typed on another keyboard', () => {
  it.each(spellings)(
    '%j opens what 482619 set, and 482619 what it set, and no try is lost',
    async (typed) => {
      for (const [set, used] of [
        [pin, typed],
        [typed, pin],
      ] as const) {
        await client.register('alice', set).catch(() => client.changePin('alice', pin, set));
        const asked = server.requests.filter((path) => path === '/challenge').length;
        await expect(client.login('alice', used)).resolves.toMatchObject({ failedPinTries: 0 });
        expect(server.requests.filter((path) => path === '/challenge')).toHaveLength(asked + 1);
        await client.idle();
        expect(await tries()).toEqual([10]);
      }
    },
  );

  it('costs one try when it is wrong', async () => {
    await client.register('alice', pin);
    await expect(client.login('alice', '482 618')).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
      attemptsLeft: 9,
    });
    expect(await tries()).toEqual([9]);
  });

  it('that is common is refused in every spelling', async () => {
    for (const common of ['١٢٣٤٥٦', '۱۲۳۴۵۶', '१२३४५६', '123456 ', '12-34-56', '\u200e123456']) {
      await expect(client.register('alice', common)).rejects.toEqual(code('PIN_TOO_COMMON'));
    }
    expect(records.values.size).toBe(0);
  });

  it('works on the way through a file, which may begin with a byte order mark', async () => {
    await client.register('alice', '٤٨٢٦١٩');
    const blob = await client.exportKeyBlob('alice', '482-619');
    const elsewhere = clientOver(new MemoryKeyStorage({ argon2 }));
    await elsewhere.importKeyBlob(`\ufeff${blob}`, ' 482619');
    await expect(elsewhere.login('alice', '482 619')).resolves.toBeDefined();
  });
});

describe('a slot that does not say its form', () => {
  beforeEach(async () => {
    await client.register('alice', pin);
    for (const slot of records.slots) {
      expect(slot['pinForm']).toBe(2);
      delete slot['pinForm'];
    }
  });

  it('goes on opening, and is renewed in the background with its form', async () => {
    await expect(client.login('alice', pin)).resolves.toMatchObject({ failedPinTries: 0 });
    await client.idle();
    expect(records.slots.map((slot) => slot['pinForm'])).toEqual([2]);
    expect(await tries()).toEqual([10]);
    const { requests } = server;
    requests.length = 0;
    await client.login('alice', '٤٨٢٦١٩');
    await client.idle();
    expect(requests).toEqual(['/challenge', '/verify']);
  });

  it('opens by its digits in another spelling at a second try, and is renewed then', async () => {
    await expect(client.login('alice', '482 619')).resolves.toMatchObject({ failedPinTries: 1 });
    await client.idle();
    expect(records.slots.map((slot) => slot['pinForm'])).toEqual([2]);
    expect(await tries()).toEqual([10]);
  });
});
