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

/** The form of a ring's text in its store. */
export interface Envelope {
  /** Whether an opened text has a mark, which tells the ring's id and generation. */
  readonly marks: boolean;
  /** @param previous the mark of the ring that this one replaces; `null` if there is none. */
  close(text: string, previous: SealMark | null): string;
  /** @throws {@link ZkpAuthError} `KEY_RING_INVALID` if the stored text has the other form, or is damaged. */
  open(content: string): OpenedText;
}

/** The text itself, not sealed. */
export const plainEnvelope: Envelope = {
  marks: false,
  close: (text) => text,
  open(content) {
    if (!isSealed(content)) return { text: content, mark: null };
    throw keyRingInvalid('it is sealed: open it with "encrypt: true" and its master key');
  },
};

/** Seals a ring of this name under the first of these master keys, and opens it under any of them. */
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
