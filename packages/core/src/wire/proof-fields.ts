import { proofLength } from '../lengths.js';
import { ZkpAuthError } from '../errors.js';
import { challengeIdLength } from '../generate-challenge.js';
import { isValidOrigin } from '../origin.js';
import { isValidUserId } from '../user-id.js';
import { type JsonObject, member, readBytes, readBytesText, readMember } from './members.js';

/** What every request that carries a proof has. */
export interface ProofFields {
  userId: string;
  /** 16 bytes in base64url. */
  challengeId: string;
  origin: string;
  audience: string;
  /** 64 bytes; base64url on the wire. */
  proof: Uint8Array;
}

/** @throws {@link ZkpAuthError} with the code that names the first bad member. */
export function readProofFields(object: JsonObject): ProofFields {
  const fields = {
    userId: readMember(object, 'userId', isValidUserId, 'INVALID_USER_ID'),
    challengeId: readBytesText(object, 'challengeId', challengeIdLength, 'INVALID_CHALLENGE_ID'),
    origin: readMember(object, 'origin', isValidOrigin, 'INVALID_ORIGIN'),
    audience: readMember(object, 'audience', isValidOrigin, 'INVALID_AUDIENCE'),
    proof: readBytes(object, 'proof', proofLength, 'INVALID_PROOF'),
  };
  if (member(object, 'sessionKey') !== undefined) throw new ZkpAuthError('SESSION_KEY_UNSUPPORTED');
  return fields;
}
