import type { KeyName } from './storage/key-storage.js';

/**
 * Remembers, outside IndexedDB, that a key was kept here: what tells a key that the browser cleared from a name
 * that was never registered on this device. Not secret, and never relied on for anything but the error's code.
 */
export interface EvictionMarker {
  set(name: KeyName): void;
  has(name: KeyName): boolean;
  clear(name: KeyName): void;
}

const itemOf = ({ userId, audience }: KeyName): string => `zkp-auth:key:${audience} ${userId}`;

/** In `localStorage`; where that is missing or forbidden, a marker that remembers nothing. */
export const localStorageMarker: EvictionMarker = {
  set: (name) => access((storage) => storage.setItem(itemOf(name), '1')),
  has: (name) => access((storage) => storage.getItem(itemOf(name)) !== null) ?? false,
  clear: (name) => access((storage) => storage.removeItem(itemOf(name))),
};

function access<T>(use: (storage: Storage) => T): T | undefined {
  try {
    const storage = (globalThis as { localStorage?: Storage }).localStorage;
    return storage === undefined ? undefined : use(storage);
  } catch {
    return undefined;
  }
}
