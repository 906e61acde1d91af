import { keyRingInvalid } from './key-ring-invalid.js';
import type { MasterKey } from './master-keys.js';
import { isSealed, openSealedText, sealText } from './sealed-text.js';

/** How a ring's text stands in its store. */
export interface Envelope {
  close(text: string): string;
  /** @throws {@link ZkpAuthError} `KEY_RING_INVALID` where it stands there in the other way, or damaged. */
  open(content: string): string;
}

/** As it is. */
export const plainEnvelope: Envelope = {
  close: (text) => text,
  open(content) {
    if (!isSealed(content)) return content;
    throw keyRingInvalid('it is sealed: open it with "encrypt: true" and its master key');
  },
};

/** Sealed under the first of these master keys, opened under any. */
export function sealedEnvelope(masterKeys: readonly [MasterKey, ...MasterKey[]]): Envelope {
  return {
    close: (text) => sealText(text, masterKeys[0]),
    open(content) {
      if (isSealed(content)) return openSealedText(content, masterKeys);
      throw keyRingInvalid('it is not encrypted: seal it with sealKeyRing, or open it with "encrypt: false"');
    },
  };
}
