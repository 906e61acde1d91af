import { encodeBase64url } from '../base64url.js';
import type { Purpose } from '../bound-message.js';
import { credentialIdLength } from '../credential-id.js';
import { challengeIdLength, challengeLength } from '../generate-challenge.js';
import { pinIdLength } from '../lengths.js';
import { isValidUserId } from '../user-id.js';
import {
  isCount,
  isMilliseconds,
  type JsonObject,
  type JsonOf,
  member,
  optionalText,
  readBytes,
  readBytesText,
  readMember,
  readObject,
} from './members.js';
import type { Route } from './route.js';
import { formatTryReturn, readTryReturns, type TryReturn } from './try-return.js';

/** Length in bytes of an encoded ristretto255 element. */
export const elementLength = 32;

/** The subject of a challenge. The challenge verifies for nothing else. */
export interface ChallengeSubject {
  purpose: Purpose;
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
}

/** Body of `POST {base}/challenge`. */
export interface ChallengeRequest extends ChallengeSubject {
  /** A blinded PIN. The server evaluates it under the pinId `id`, or under a new pinId if `id` is absent. */
  pin?: PinQuestion | undefined;
}

export interface PinQuestion {
  /** 16 bytes (base64url on the wire). */
  id?: Uint8Array | undefined;
  /** A ristretto255 element, 32 bytes (base64url on the wire). */
  blinded: Uint8Array;
  /**
   * Proofs for earlier tries of this pinId that were not given back, because an answer was lost. The server reads
   * the first ten. An empty list is left out.
   */
  returns?: readonly TryReturn[] | undefined;
}

export interface PinAnswer {
  /** 16 bytes (base64url on the wire). */
  id: Uint8Array;
  /** A ristretto255 element, 32 bytes (base64url on the wire). */
  evaluated: Uint8Array;
  /** Tries that remain after this one. */
  attemptsLeft: number;
  /**
   * Tries of this pinId before this one that no valid proof has followed. Absent for a pinId that the server drew, and
   * from servers of earlier releases.
   */
  failedTries?: number | undefined;
}

/** Answer of `POST {base}/challenge`. */
export interface ChallengeResponse {
  /** 16 bytes in base64url. */
  challengeId: string;
  /** 32 bytes (base64url on the wire). */
  challenge: Uint8Array;
  expiresInMs: number;
  /** Present if the request had a `pin`. */
  pin?: PinAnswer | undefined;
}

export function formatChallengeRequest({
  purpose,
  userId,
  credentialId,
  pin,
}: ChallengeRequest): JsonOf<ChallengeRequest> {
  return { purpose, userId, credentialId, pin: pin && formatPinQuestion(pin) };
}

/**
 * @param purposes the purposes that the server answers.
 * @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member.
 */
export function parseChallengeRequest(body: unknown, purposes: readonly Purpose[]): ChallengeRequest {
  const object = readObject(body, 'INVALID_BODY');
  const isPurpose = (value: unknown): value is Purpose => purposes.includes(value as Purpose);
  const request: ChallengeRequest = {
    purpose: readMember(object, 'purpose', isPurpose, 'INVALID_PURPOSE'),
    userId: readMember(object, 'userId', isValidUserId, 'INVALID_USER_ID'),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
  const pin = member(object, 'pin');
  if (pin !== undefined) request.pin = readPinQuestion(readObject(pin, 'INVALID_BLINDED'));
  return request;
}

export function formatChallengeResponse(response: ChallengeResponse): JsonOf<ChallengeResponse> {
  const { challengeId, challenge, expiresInMs, pin } = response;
  return {
    challengeId,
    challenge: encodeBase64url(challenge),
    expiresInMs,
    pin: pin && formatPinAnswer(pin),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseChallengeResponse(body: unknown): ChallengeResponse {
  const object = readObject(body);
  const response: ChallengeResponse = {
    challengeId: readBytesText(object, 'challengeId', challengeIdLength),
    challenge: readBytes(object, 'challenge', challengeLength),
    expiresInMs: readMember(object, 'expiresInMs', isMilliseconds),
  };
  const pin = member(object, 'pin');
  if (pin !== undefined) response.pin = readPinAnswer(readObject(pin));
  return response;
}

function formatPinQuestion({ id, blinded, returns = [] }: PinQuestion): JsonOf<PinQuestion> {
  return {
    id: optionalText(id),
    blinded: encodeBase64url(blinded),
    returns: returns.length === 0 ? undefined : returns.map(formatTryReturn),
  };
}

function readPinQuestion(pin: JsonObject): PinQuestion {
  const blinded = readBytes(pin, 'blinded', elementLength, 'INVALID_BLINDED');
  const id =
    member(pin, 'id') === undefined ? {} : { id: readBytes(pin, 'id', pinIdLength, 'INVALID_PIN_ID') };
  const returns = readTryReturns(member(pin, 'returns'));
  return { ...id, blinded, ...(returns.length === 0 ? {} : { returns }) };
}

function formatPinAnswer({ id, evaluated, attemptsLeft, failedTries }: PinAnswer): JsonOf<PinAnswer> {
  return { id: encodeBase64url(id), evaluated: encodeBase64url(evaluated), attemptsLeft, failedTries };
}

function readPinAnswer(pin: JsonObject): PinAnswer {
  const failedTries =
    member(pin, 'failedTries') === undefined ? {} : { failedTries: readMember(pin, 'failedTries', isCount) };
  return {
    ...failedTries,
    id: readBytes(pin, 'id', pinIdLength),
    evaluated: readBytes(pin, 'evaluated', elementLength),
    attemptsLeft: readMember(pin, 'attemptsLeft', isCount),
  };
}

/** Issue a challenge (protocol section 3). */
export const challengeRoute: Route<ChallengeRequest, ChallengeResponse> = {
  path: '/challenge',
  method: 'POST',
  status: 200,
  format: formatChallengeRequest,
  parse: parseChallengeResponse,
};
