import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import type { AddedCredential, CredentialStore } from '../stores/credential-store.js';
import { linkEndReadableMs, linkTtlMs, maxLinksOfUser } from '../stores/link-policy.js';
import type { LinkSource } from '../stores/link-source.js';
import type { Link, LinkOffer, LinkStep, LinkStore, NewLink } from '../stores/link-store.js';
import type { RegisterTest } from './contract.js';

const openedAtMs = 1_700_000_000_123;
const lastMs = openedAtMs + linkTtlMs - 1;
const id = (): string => randomBytes(16).toString('base64url');
const hash = (): string => randomBytes(32).toString('base64url');
const bytes = (): Uint8Array => Uint8Array.from(randomBytes(32));

/** A user whose device opens links. */
interface Person {
  links: LinkStore;
  others: readonly LinkStore[];
  credentials: CredentialStore;
  userId: string;
  credentialId: string;
  newLink: (change?: Partial<NewLink>) => NewLink;
  /** A link up to this state. */
  linkAt: (
    state: 'open' | 'offered' | 'revealed',
  ) => Promise<{ link: NewLink; offer: LinkOffer; step: LinkStep }>;
  added: (offer: LinkOffer, change?: Partial<AddedCredential>) => AddedCredential;
}

/**
 * The contract of {@link LinkStore} as tests.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives credential stores over the same data, more than one if the engine has several clients. Each has its
 * link store.
 *
 * @example
 * ```ts
 * describe('my links', () => testLinkStore(it, async () => [new MyCredentials(a), new MyCredentials(b)]));
 * ```
 */
export function testLinkStore(
  test: RegisterTest,
  open: () => Promise<readonly (CredentialStore & LinkSource)[]>,
): void {
  const person = async (stores?: Awaited<ReturnType<typeof open>>): Promise<Person> => {
    const [credentials, ...more] = stores ?? (await open());
    assert.ok(credentials !== undefined, 'open() gave no store');
    const [userId, { publicKey }] = [randomUUID(), generateKeyPair()];
    const credentialId = credentialIdOf(publicKey);
    const created = { userId, credentialId, publicKey, deviceName: null, createdAtMs: openedAtMs };
    await credentials.createUser(created);
    const links = credentials.linkStore();
    const newLink = (change: Partial<NewLink> = {}): NewLink => ({
      linkId: id(),
      userId,
      credentialId,
      audience: 'https://api.example',
      commitment: bytes(),
      codeHash: hash(),
      openedAtMs,
      expiresAtMs: openedAtMs + linkTtlMs,
      ...change,
    });
    return {
      links,
      others: more.map((other) => other.linkStore()),
      credentials,
      userId,
      credentialId,
      newLink,
      async linkAt(state) {
        const link = newLink();
        const step = { linkId: link.linkId, atMs: openedAtMs };
        const offer = newOffer();
        assert.equal(await links.open(link), 'opened');
        if (state !== 'open') assert.equal(await links.offer(step, offer), true);
        if (state === 'revealed') assert.equal(await links.reveal(step, bytes()), true);
        return { link, offer, step };
      },
      added: (offer, change = {}) => ({
        userId,
        credentialId: offer.credentialId,
        publicKey: offer.publicKey,
        deviceName: offer.deviceName,
        createdAtMs: openedAtMs + 1,
        kind: 'device',
        addedBy: credentialId,
        pendingUntilMs: null,
        ...change,
      }),
    };
  };

  test('finds a link by its id and by its code, field by field, at each step', async () => {
    const { links, newLink } = await person();
    const [link, offer, nonce] = [newLink(), { ...newOffer(), deviceName: 'Ålice’s phone 📱' }, bytes()];
    const step = { linkId: link.linkId, atMs: openedAtMs };
    await links.open(link);
    const opened: Link = { ...link, claims: 0, offer: null, nonce: null, end: null, endedAtMs: null };
    assert.deepEqual(plain(await links.find(link.linkId)), plain(opened));
    assert.deepEqual(plain(await links.findByCode([hash(), link.codeHash])), plain(opened));
    assert.equal(await links.claim(step, 2), true);
    await links.offer(step, offer);
    await links.reveal(step, nonce);
    assert.deepEqual(plain(await links.find(link.linkId)), plain({ ...opened, claims: 1, offer, nonce }));
    assert.equal(await links.reject(step), true);
    const { end, endedAtMs } = (await links.find(link.linkId)) as Link;
    assert.deepEqual({ end, endedAtMs }, { end: 'rejected', endedAtMs: openedAtMs });
    assert.equal(await links.find(id()), null);
    assert.equal(await links.findByCode([hash()]), null);
  });

  test('opens nothing twice, and nothing for a user who is suspended or does not exist', async () => {
    const { links, newLink, userId, credentials } = await person();
    const link = newLink();
    await links.open(link);
    assert.equal(await links.open(newLink({ linkId: link.linkId, credentialId: id() })), 'taken');
    assert.equal(await links.open(newLink({ codeHash: link.codeHash, credentialId: id() })), 'taken');
    assert.equal((await links.find(link.linkId))?.end, null);
    assert.equal(await links.open(newLink({ userId: randomUUID() })), 'gone');
    await credentials.suspend(userId, openedAtMs);
    assert.equal(await links.open(newLink()), 'gone');
  });

  test('ends the link before of the same credential, and of no other', async () => {
    const { links, newLink } = await person();
    const [first, other, second] = [newLink(), newLink({ credentialId: id() }), newLink()];
    for (const link of [first, other, second]) await links.open(link);
    assert.equal((await links.find(first.linkId))?.end, 'ended');
    assert.equal((await links.find(other.linkId))?.end, null);
    assert.equal((await links.find(second.linkId))?.end, null);
  });

  test('keeps the last links of a user, the newest included, and no more', async () => {
    const { links, newLink } = await person();
    const opened = Array.from({ length: maxLinksOfUser + 3 }, () => newLink());
    for (const link of opened) await links.open(link);
    const found = await Promise.all(opened.map(({ linkId }) => links.find(linkId)));
    assert.equal(found.filter((link) => link !== null).length, maxLinksOfUser);
    assert.notEqual(found.at(-1), null);
  });

  test('takes each step only from the state before it', async () => {
    const { links, linkAt, added } = await person();
    const open = await linkAt('open');
    assert.equal(await links.reveal(open.step, bytes()), false);
    assert.deepEqual(await links.approve(open.link.linkId, added(open.offer)), { kind: 'changed' });
    const offered = await linkAt('offered');
    assert.equal(await links.claim(offered.step, 9), false);
    assert.equal(await links.offer(offered.step, newOffer()), false);
    assert.deepEqual(await links.approve(offered.link.linkId, added(offered.offer)), { kind: 'changed' });
    const revealed = await linkAt('revealed');
    assert.equal(await links.reveal(revealed.step, bytes()), false);
    const late = { linkId: revealed.link.linkId, atMs: lastMs + 1 };
    const stale = added(revealed.offer, { createdAtMs: lastMs + 1 });
    assert.deepEqual(await links.approve(revealed.link.linkId, stale), { kind: 'changed' });
    assert.equal(await links.reject(late), false);
    assert.equal((await links.approve(revealed.link.linkId, added(revealed.offer))).kind, 'added');
    assert.equal(await links.reject(revealed.step), false);
    assert.equal((await links.find(revealed.link.linkId))?.end, 'approved');
  });

  test('takes no step on an expired or an ended link', async () => {
    const { links, linkAt } = await person();
    const { link, step } = await linkAt('open');
    const late = { ...step, atMs: lastMs + 1 };
    assert.equal(await links.claim(late, 9), false);
    assert.equal(await links.offer(late, newOffer()), false);
    assert.equal(await links.claim({ ...step, atMs: lastMs }, 9), true);
    await links.reject(step);
    assert.equal(await links.claim(step, 9), false);
    assert.equal(await links.offer(step, newOffer()), false);
    assert.equal((await links.find(link.linkId))?.offer, null);
  });

  test('counts claims, over all stores, up to the most', async () => {
    const { links, others, linkAt } = await person();
    const { step } = await linkAt('open');
    const all = [links, ...others];
    const claims = Array.from({ length: 12 }, (_, n) => (all[n % all.length] as LinkStore).claim(step, 5));
    assert.equal((await Promise.all(claims)).filter(Boolean).length, 5);
  });

  test('of offers that race, over all stores, exactly one is taken', async () => {
    const { links, others, linkAt } = await person();
    const { link, step } = await linkAt('open');
    const all = [links, ...others];
    const offers = Array.from({ length: 8 }, newOffer);
    const taken = await Promise.all(
      offers.map((offer, n) => (all[n % all.length] as LinkStore).offer(step, offer)),
    );
    assert.equal(taken.filter(Boolean).length, 1);
    const kept = (await links.find(link.linkId))?.offer?.credentialId;
    assert.equal(kept, offers[taken.indexOf(true)]?.credentialId);
  });

  test('creates the credential with the approval, both or neither', async () => {
    const { links, credentials, linkAt, added, userId, credentialId } = await person();
    const { link, offer } = await linkAt('revealed');
    const credential = added(offer);
    assert.deepEqual(await links.approve(link.linkId, { ...credential, addedBy: id() }), { kind: 'gone' });
    const taken = await links.approve(link.linkId, { ...credential, credentialId });
    assert.deepEqual(taken, { kind: 'taken' });
    assert.equal((await links.find(link.linkId))?.end, null);
    assert.equal(await credentials.find(userId, offer.credentialId), null);
    assert.equal((await links.approve(link.linkId, credential)).kind, 'added');
    assert.equal((await credentials.find(userId, offer.credentialId))?.addedBy, credentialId);
    const { end, endedAtMs } = (await links.find(link.linkId)) as Link;
    assert.deepEqual({ end, endedAtMs }, { end: 'approved', endedAtMs: credential.createdAtMs });
  });

  test('of approvals and endings that race, over all stores, exactly one happens', async () => {
    const { links, others, credentials, linkAt, added, userId } = await person();
    const all = [links, ...others];
    for (let times = 0; times < 6; times++) {
      const { link, offer, step } = await linkAt('revealed');
      const approve = (n: number) => (all[n % all.length] as LinkStore).approve(link.linkId, added(offer));
      const calls = [
        async () => (await approve(0)).kind === 'added',
        async () => (await approve(1)).kind === 'added',
        () => (all[times % all.length] as LinkStore).reject(step),
      ];
      if (times % 2 === 0) calls.reverse();
      const done = await Promise.all(calls.map((call) => call()));
      assert.equal(done.filter(Boolean).length, 1);
      const isApproved = (await links.find(link.linkId))?.end === 'approved';
      assert.equal((await credentials.find(userId, offer.credentialId)) !== null, isApproved);
    }
  });

  test('of an approval and a revocation of the approver that race, no approval comes after the revocation', async () => {
    const { links, credentials, linkAt, added, userId, credentialId } = await person();
    const { link, offer } = await linkAt('revealed');
    const [approval, revoked] = await Promise.all([
      links.approve(link.linkId, added(offer)),
      credentials.revoke(userId, credentialId, openedAtMs + 1),
    ]);
    assert.equal(revoked, credentialId);
    const created = await credentials.find(userId, offer.credentialId);
    assert.equal(created !== null, approval.kind === 'added');
    const { link: next, offer: nextOffer } = await linkAt('revealed');
    assert.deepEqual(await links.approve(next.linkId, added(nextOffer)), { kind: 'gone' });
  });

  test('ends and forgets the links of one user, and of nobody else', async () => {
    const stores = await open();
    const { links, linkAt, userId, added } = await person(stores);
    const other = await person(stores);
    const [own, foreign] = [await linkAt('revealed'), await other.linkAt('revealed')];
    await links.endAllOf(userId, openedAtMs);
    assert.equal((await links.find(own.link.linkId))?.end, 'ended');
    assert.deepEqual(await links.approve(own.link.linkId, added(own.offer)), { kind: 'changed' });
    await links.forgetAllOf(userId);
    assert.equal(await links.find(own.link.linkId), null);
    assert.equal((await links.find(foreign.link.linkId))?.end, null);
    await other.links.forgetAllOf(other.userId);
  });

  test('forgets a link a day after its end, and not before', async () => {
    const { links, linkAt, userId } = await person();
    const [expired, rejected] = [await linkAt('open'), await linkAt('open')];
    await links.reject(rejected.step);
    await links.forgetEnded(openedAtMs + linkEndReadableMs - 1);
    assert.notEqual(await links.find(rejected.link.linkId), null);
    await links.forgetEnded(openedAtMs + linkEndReadableMs);
    assert.equal(await links.find(rejected.link.linkId), null);
    // It was ended when the second link was opened.
    assert.equal(await links.find(expired.link.linkId), null);
    const last = await linkAt('open');
    await links.forgetEnded(lastMs + linkEndReadableMs);
    assert.notEqual(await links.find(last.link.linkId), null);
    assert.ok((await links.forgetEnded(lastMs + 1 + linkEndReadableMs)) >= 1);
    assert.equal(await links.find(last.link.linkId), null);
    await links.forgetAllOf(userId);
  });
}

function newOffer(): LinkOffer {
  const { publicKey } = generateKeyPair();
  const credentialId = credentialIdOf(publicKey);
  const pin = { pinHash: hash(), secretId: 'a' };
  return { credentialId, publicKey, nonce: bytes(), pin, deviceName: null };
}

/** A link whose bytes can be compared, whatever class they are of. */
function plain(link: Link | null): unknown {
  return JSON.parse(
    JSON.stringify(link, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ),
  );
}
