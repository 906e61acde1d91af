import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
  isZkpAuthError,
} from '../../src/index.js';
import { drawLinkCode } from '../../src/links/draw-link-code.js';
import { linkStoreOf } from '../../src/stores/link-source.js';
import { startLinkServer } from '../link-server.js';

beforeEach(() => {
  // The windows of the limits go by this clock.
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const start = () => {
  const credentials = new InMemoryCredentialStore();
  const stores = {
    challenges: new InMemoryChallengeStore(),
    credentials,
    sessions: new InMemorySessionStore(),
  };
  return startLinkServer({ stores, pins: new InMemoryPinStore() }, undefined, { limits: {} });
};
const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'opened',
    (error: unknown) => (isZkpAuthError(error) ? error.code : String(error)),
  );
const count = (outcomes: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...new Set(outcomes)].map((each) => [each, outcomes.filter((one) => one === each).length]),
  );

it('10,000 guesses at codes over 1,000 addresses open nothing, and 100 of them are looked at in a second', async () => {
  const server = await start();
  const e = await (await server.signIn()).open();
  const outcomes: string[] = [];
  for (let n = 0; n < 10_000; n++) {
    const address = `2001:db8:0:${(n % 1_000).toString(16)}::1`;
    outcomes.push(await outcomeOf(server.newDevice({ address }).claim(drawLinkCode())));
  }
  expect(count(outcomes)).toEqual({ LINK_NOT_FOUND: 100, RATE_LIMITED: 9_900 });
  const own = server.newDevice({ address: '203.0.113.7' });
  await expect(own.claim(e.code)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_000 });
  vi.setSystemTime(Date.now() + 1_001);
  await own.claim(e.code);
  expect(await own.offer()).toMatchObject({ state: 'offered' });
});

it('after 20 wrong guesses an address finds no link, not even by the right code, for ten minutes', async () => {
  const server = await start();
  const e = await (await server.signIn()).open();
  const [address, credentialId] = ['203.0.113.7', 'A'.repeat(22)];
  const thief = server.newDevice({ address });
  const { calls } = thief;
  const linkId = 'A'.repeat(22);
  const guesses = [
    () => server.newDevice({ address }).claim(drawLinkCode()),
    () => calls.offerState({ linkId, code: drawLinkCode(), credentialId }, { address }),
  ];
  for (let n = 0; n < 20; n++)
    expect(await outcomeOf((guesses[n % 2] as () => Promise<unknown>)())).toBe('LINK_NOT_FOUND');
  expect(await outcomeOf(thief.claim(e.code))).toBe('RATE_LIMITED');
  expect(server.events.at(-1)).toMatchObject({
    type: 'rate_limited',
    limit: 'linkGuessesByAddress',
    userId: '',
  });
  vi.setSystemTime(Date.now() + 599_000);
  expect(await outcomeOf(thief.claim(e.code))).toBe('RATE_LIMITED');
  expect(await outcomeOf(server.newDevice({ address: '203.0.113.8' }).claim(e.code))).toBe('opened');
  vi.setSystemTime(Date.now() + 1_001);
  expect(await outcomeOf(thief.claim(e.code))).toBe('opened');
});

it('an honest device that looks for its state a thousand times is not slowed down', async () => {
  const server = await start();
  const e = await (await server.signIn()).open();
  const device = await server.newDevice({ address: '203.0.113.7' }).claim(e.code);
  await device.offer();
  for (let n = 0; n < 1_000; n++) expect(await device.state()).toMatchObject({ state: 'offered' });
});

it('the store keeps no code, and its hash needs a key of the ring', async () => {
  const server = await start();
  const e = await (await server.signIn()).open();
  const link = await linkStoreOf(server.credentials)?.find(e.linkId);
  expect(JSON.stringify(link)).not.toContain(e.code);
  const other = await server.start({ keys: await generateSigningKeys() });
  expect(await outcomeOf(other.calls.claimLink({ code: e.code, credentialId: 'A'.repeat(22) }))).toBe(
    'LINK_NOT_FOUND',
  );
});
