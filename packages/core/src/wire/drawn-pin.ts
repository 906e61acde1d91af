import { encodeBase64url } from '../base64url.js';
import { pinIdLength } from '../lengths.js';
import { type JsonObject, type JsonOf, member, readBytes, readObject } from './members.js';

/** The PIN slot that a request enrols with its key. */
export interface DrawnPin {
  /**
   * The pinId that the server drew with this request's challenge, 16 bytes (`pin: { id }` in base64url on the
   * wire).
   */
  pinId?: Uint8Array | undefined;
}

/** The pin of a request on the wire. */
interface PinJson {
  pin: { id: string } | undefined;
}

/** A request that enrols a PIN slot, as it goes onto the wire. */
export type JsonWithPin<Request extends DrawnPin> = JsonOf<Omit<Request, keyof DrawnPin>> & PinJson;

export function formatDrawnPin({ pinId }: DrawnPin): PinJson {
  return { pin: pinId && { id: encodeBase64url(pinId) } };
}

/** @throws {@link ZkpAuthError} `INVALID_PIN_ID`. */
export function readDrawnPinId(object: JsonObject): Uint8Array | undefined {
  const pin = member(object, 'pin');
  if (pin === undefined) return undefined;
  return readBytes(readObject(pin, 'INVALID_PIN_ID'), 'id', pinIdLength, 'INVALID_PIN_ID');
}
