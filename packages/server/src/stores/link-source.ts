import type { LinkStore } from './link-store.js';

/** A credential store that keeps links too, so that an approved link and its credential are written in one step. */
export interface LinkSource {
  /** The links of the users in this store. */
  linkStore(): LinkStore;
}

/** The link store of a credential store; `null` if it has none, also behind a wrapper that makes every call async. */
export function linkStoreOf(credentials: object & Partial<LinkSource>): LinkStore | null {
  const links = credentials.linkStore?.();
  return typeof links?.open === 'function' ? links : null;
}
