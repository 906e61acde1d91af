import type { AddCredentialOptions, AddedCredential, CredentialStore } from './credential-store.js';
import { forgettableAtMs, linkStateOf, type LinkState, maxLinksOfUser } from './link-policy.js';
import type { Link, LinkApproval, LinkOffer, LinkStep, LinkStore, NewLink } from './link-store.js';

/** The users that have links, and the creation of their credentials. */
export type LinkedCredentials = Pick<CredentialStore, 'addCredential' | 'list'>;

/**
 * Links in this process's memory, for tests and demonstrations. They end with the process.
 *
 * @example
 * ```ts
 * const credentials = new InMemoryCredentialStore();
 * const links = new InMemoryLinkStore(credentials); // the same as credentials.linkStore()
 * ```
 */
export class InMemoryLinkStore implements LinkStore {
  readonly #credentials: LinkedCredentials;
  /** In the order of their opening. */
  readonly #links = new Map<string, Link>();
  /** Steps that wait for the credential store run one after another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(credentials: LinkedCredentials) {
    this.#credentials = credentials;
  }

  open(link: NewLink): Promise<'opened' | 'taken' | 'gone'> {
    return this.#inTurn(async () => {
      const [credential] = await this.#credentials.list(link.userId);
      if (credential === undefined || credential.suspendedAtMs !== null) return 'gone';
      const isTaken = [...this.#links.values()].some(
        ({ linkId, codeHash }) => linkId === link.linkId || codeHash === link.codeHash,
      );
      if (isTaken) return 'taken';
      for (const other of this.#of(link.userId))
        if (other.credentialId === link.credentialId) endLink(other, 'ended', link.openedAtMs);
      this.#links.set(link.linkId, {
        ...link,
        commitment: Uint8Array.from(link.commitment),
        claims: 0,
        offer: null,
        nonce: null,
        end: null,
        endedAtMs: null,
      });
      for (const { linkId } of this.#of(link.userId).slice(0, -maxLinksOfUser)) this.#links.delete(linkId);
      return 'opened';
    });
  }

  async find(linkId: string): Promise<Link | null> {
    return copyOf(this.#links.get(linkId));
  }

  async findByCode(codeHashes: readonly string[]): Promise<Link | null> {
    return copyOf([...this.#links.values()].find(({ codeHash }) => codeHashes.includes(codeHash)));
  }

  claim(step: LinkStep, most: number): Promise<boolean> {
    return this.#change(step, ['open'], (link) => link.claims < most && ++link.claims > 0);
  }

  offer(step: LinkStep, offer: LinkOffer): Promise<boolean> {
    return this.#change(step, ['open'], (link) => {
      link.offer = structuredClone(offer);
      return true;
    });
  }

  reveal(step: LinkStep, nonce: Uint8Array): Promise<boolean> {
    return this.#change(step, ['offered'], (link) => {
      link.nonce = Uint8Array.from(nonce);
      return true;
    });
  }

  reject(step: LinkStep): Promise<boolean> {
    return this.#change(step, ['open', 'offered', 'revealed'], (link) =>
      endLink(link, 'rejected', step.atMs),
    );
  }

  endAllOf(userId: string, atMs: number): Promise<void> {
    return this.#inTurn(async () => {
      for (const link of this.#of(userId)) endLink(link, 'ended', atMs);
    });
  }

  approve(
    linkId: string,
    credential: AddedCredential,
    options: AddCredentialOptions = {},
  ): Promise<LinkApproval> {
    return this.#inTurn(async () => {
      const link = this.#links.get(linkId);
      const { userId, createdAtMs } = credential;
      if (link?.userId !== userId || linkStateOf(link, createdAtMs) !== 'revealed')
        return { kind: 'changed' };
      const addition = await this.#credentials.addCredential(credential, options);
      if (addition.kind === 'added') endLink(link, 'approved', createdAtMs);
      return addition;
    });
  }

  async forgetEnded(nowMs: number): Promise<number> {
    const ended = [...this.#links.values()].filter((link) => forgettableAtMs(link) <= nowMs);
    for (const { linkId } of ended) this.#links.delete(linkId);
    return ended.length;
  }

  forgetAllOf(userId: string): Promise<void> {
    return this.#inTurn(async () => {
      for (const { linkId } of this.#of(userId)) this.#links.delete(linkId);
    });
  }

  #of(userId: string): Link[] {
    return [...this.#links.values()].filter((link) => link.userId === userId);
  }

  #change(
    { linkId, atMs }: LinkStep,
    from: readonly LinkState[],
    change: (link: Link) => boolean,
  ): Promise<boolean> {
    return this.#inTurn(async () => {
      const link = this.#links.get(linkId);
      return link !== undefined && from.includes(linkStateOf(link, atMs)) && change(link);
    });
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** Gives whether it had no end before. A link whose time is over stays expired. */
function endLink(link: Link, end: NonNullable<Link['end']>, atMs: number): boolean {
  if (link.end !== null || atMs >= link.expiresAtMs) return false;
  link.end = end;
  link.endedAtMs = atMs;
  return true;
}

function copyOf(link: Link | undefined): Link | null {
  return link === undefined ? null : structuredClone(link);
}
