import { IndexedDBValues } from './indexeddb-values.js';
import type { KeyName } from './local-key.js';

/**
 * Remembers, outside the database of keys, that a key was kept here: what tells a key that the browser cleared from a
 * name that was never registered on this device. Not secret, and never relied on for anything but the error's code. A
 * failure to remember fails no call.
 */
export interface EvictionMarker {
  set(name: KeyName): Promise<void>;
  has(name: KeyName): Promise<boolean>;
  clear(name: KeyName): Promise<void>;
  /** Set it again if one of its places has lost it: called when the key is seen to be there. */
  mend(name: KeyName): Promise<void>;
}

/** One of the places where the marker is. */
interface Place {
  get(item: string): Promise<unknown>;
  put(item: string, value: true): Promise<void>;
  delete(item: string): Promise<void>;
}

const itemOf = ({ userId, audience }: KeyName): string => `zkp-auth:key:${audience} ${userId}`;

/**
 * In `localStorage`, which outlives an IndexedDB that was cleared, and in a database of its own, which a crash does not
 * take: browsers write `localStorage` to disk some seconds late. A place that is missing or forbidden remembers nothing.
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
