import type { KeyRingStore } from './key-ring-store.js';

const maxCharacters = 256;

/**
 * The name that a sealed ring is bound to.
 *
 * @throws `TypeError` unless it is a text of at most 256 characters.
 */
export function ringNameOf({
  store,
  name = store.name ?? '',
}: {
  store: KeyRingStore;
  name?: string;
}): string {
  if (typeof name === 'string' && name.isWellFormed() && name.length <= maxCharacters) return name;
  throw new TypeError(
    `name must be a text of at most ${maxCharacters} characters, such as the origin of the API`,
  );
}
