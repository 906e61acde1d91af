import { IndexedDBValues } from './indexeddb-values.js';
import type { KeyName } from './local-key.js';

/**
 * Remembers, outside the database of keys, that this device had a key. The marker distinguishes a key that the browser
 * cleared from a name that was never registered here. It is not secret, and decides only the code of an error. If it
 * cannot be saved, no call fails.
 */
export interface EvictionMarker {
  set(name: KeyName): Promise<void>;
  has(name: KeyName): Promise<boolean>;
  clear(name: KeyName): Promise<void>;
  /** Set the marker again if one of its places has lost it. The vault calls this when the key is there. */
  mend(name: KeyName): Promise<void>;
}

/** One of the places of the marker. */
interface Place {
  get(item: string): Promise<unknown>;
  put(item: string, value: true): Promise<void>;
  delete(item: string): Promise<void>;
}

const itemOf = ({ userId, audience }: KeyName): string => `zkp-auth:key:${audience} ${userId}`;

/**
 * One place is `localStorage`, which survives if IndexedDB is cleared. The other is a database of its own, which
 * survives a crash, because browsers write `localStorage` to disk some seconds late. A missing or forbidden place
 * remembers nothing.
 */
export function openEvictionMarker(): EvictionMarker {
  const places: readonly Place[] = [inLocalStorage, new IndexedDBValues<true>('zkp-auth-markers')];
  const inAll = async <T>(use: (place: Place) => Promise<T>): Promise<T[]> => {
    const outcomes = await Promise.allSettled(places.map(use));
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  };
  const set = async (name: KeyName): Promise<void> => {
    await inAll((place) => place.put(itemOf(name), true));
  };
  return {
    set,
    has: async (name) => (await inAll((place) => place.get(itemOf(name)))).some(isSet),
    clear: async (name) => void (await inAll((place) => place.delete(itemOf(name)))),
    mend: async (name) => {
      if (!(await inAll((place) => place.get(itemOf(name)))).every(isSet)) await set(name);
    },
  };
}

const isSet = (value: unknown): boolean => value !== undefined;

const inLocalStorage: Place = {
  get: async (item) => localStorage.getItem(item) ?? undefined,
  put: async (item) => localStorage.setItem(item, '1'),
  delete: async (item) => localStorage.removeItem(item),
};
