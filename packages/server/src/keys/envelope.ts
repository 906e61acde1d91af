import { keyRingInvalid } from './key-ring-invalid.js';
import type { MasterKey } from './master-keys.js';
import {
  isSealed,
  nextMark,
  type OpenedText,
  openSealedText,
  type SealMark,
  sealText,
} from './sealed-text.js';

/** How a ring's text stands in its store. */
export interface Envelope {
  /** Whether what it opens says which ring it is, and how new. */
  readonly marks: boolean;
  /** @param previous the mark of the ring in whose place this one is written; `null` where there is none. */
  close(text: string, previous: SealMark | null): string;
  /** @throws {@link ZkpAuthError} `KEY_RING_INVALID` where it stands there in the other way, or damaged. */
  open(content: string): OpenedText;
}

/** As it is. */
export const plainEnvelope: Envelope = {
  marks: false,
  close: (text) => text,
  open(content) {
    if (!isSealed(content)) return { text: content, mark: null };
    throw keyRingInvalid('it is sealed: open it with "encrypt: true" and its master key');
  },
};

/** Sealed under the first of these master keys, opened under any, for a ring of this name. */
export function sealedEnvelope(masterKeys: readonly [MasterKey, ...MasterKey[]], name: string): Envelope {
  return {
    marks: true,
    close: (text, previous) => sealText(text, masterKeys[0], { name, ...nextMark(previous) }),
    open(content) {
      if (isSealed(content)) return openSealedText(content, masterKeys, name);
      throw keyRingInvalid('it is not encrypted: seal it with sealKeyRing, or open it with "encrypt: false"');
    },
  };
}
