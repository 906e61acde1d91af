import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { LinkStore } from '../stores/link-store.js';

/** @throws {@link ZkpAuthError} `LINKING_UNSUPPORTED` if the server has no link store. */
export function requireLinks({ links }: Engine): LinkStore {
  if (links === null) throw new ZkpAuthError('LINKING_UNSUPPORTED');
  return links;
}
