import { decodeBase64url, encodeBase64url } from '../base64url.js';
import { credentialIdLength } from '../credential-id.js';
import { type ErrorCode } from '../error-codes.js';
import { ZkpAuthError } from '../zkp-auth-error.js';

/** A JSON object. Only its own properties are read. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A message as it goes onto the wire, with base64url for bytes. An optional member must be there as `undefined`,
 * which JSON leaves out. So a formatter that forgets a member does not compile.
 */
export type JsonOf<Message> = Message extends Uint8Array
  ? string
  : Message extends readonly (infer Item)[]
    ? JsonOf<Item>[]
    : Message extends object
      ? { [Name in keyof Required<Message>]: JsonOf<Message[Name]> }
      : Message;

/** Bytes that a message may leave out, in base64url. */
export function optionalText(bytes: Uint8Array | undefined): string | undefined {
  return bytes && encodeBase64url(bytes);
}

/** @throws {@link ZkpAuthError} with `code`, by default `INVALID_RESPONSE`, unless `value` is a JSON object. */
export function readObject(value: unknown, code: ErrorCode = 'INVALID_RESPONSE'): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ZkpAuthError(code);
  return value as JsonObject;
}

/** The value of a member, or `undefined` if there is none. */
export function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** @throws {@link ZkpAuthError} with `code` unless the member passes `accepts`. */
export function readMember<T>(
  object: JsonObject,
  name: string,
  accepts: (value: unknown) => value is T,
  code: ErrorCode = 'INVALID_RESPONSE',
): T {
  const value = member(object, name);
  if (!accepts(value)) throw new ZkpAuthError(code);
  return value;
}

/** @throws {@link ZkpAuthError} with `code` unless the member is `length` bytes in base64url. */
export function readBytes(
  object: JsonObject,
  name: string,
  length: number,
  code: ErrorCode = 'INVALID_RESPONSE',
): Uint8Array {
  const bytes = decodeBase64url(member(object, name), length);
  if (bytes === null) throw new ZkpAuthError(code);
  return bytes;
}

/** Like {@link readBytes}, but gives the text, for members that are compared or bound as text. */
export function readBytesText(
  object: JsonObject,
  name: string,
  length: number,
  code: ErrorCode = 'INVALID_RESPONSE',
): string {
  readBytes(object, name, length, code);
  return object[name] as string;
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** At most 32 ids of credentials, each 16 bytes in base64url. */
export function isCredentialIds(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length <= 32 &&
    value.every((id) => decodeBase64url(id, credentialIdLength) !== null)
  );
}

export function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** A number of things, 0 included. */
export function isCount(value: unknown): value is number {
  return value === 0 || isPositiveInteger(value);
}

/** Milliseconds since 1970 that a `Date` can hold, or a time span below that. */
export function isMilliseconds(value: unknown): value is number {
  return isPositiveInteger(value) && value <= 8.64e15;
}
