import type { ZkpUser } from '../tokens/token-issuer.js';
import type { Admission } from './guard.js';

const admitted: unique symbol = Symbol('admitted');

/**
 * The framework's own request object, which keeps the admission. A `WeakMap` would cost more time than all the
 * rest.
 */
interface MaybeAdmitted {
  [admitted]?: Admission;
}

/** Keep the admission of a request that a guard has let through. */
export function keepAdmission(request: object, admission: Admission): void {
  (request as MaybeAdmitted)[admitted] = admission;
}

/**
 * The person of a request that `requireAuth` has let through.
 *
 * @param request the framework's own object, as its handler gets it.
 * @throws `TypeError` if no `requireAuth` came before, because an unguarded route has no person.
 */
export function userOf(request: object): ZkpUser {
  return admissionOf(request, 'userOf').user;
}

/**
 * The exact bytes that the person has confirmed, of a request that `requireAuth` with `confirm` has let through.
 *
 * @param request the framework's own object, as its handler gets it.
 * @throws `TypeError` if no such guard came before.
 */
export function payloadOf(request: object): Uint8Array {
  const { payload } = admissionOf(request, 'payloadOf');
  if (payload === undefined)
    throw new TypeError('payloadOf: the guard of this request asks for no confirmation');
  return payload;
}

function admissionOf(request: object, caller: string): Admission {
  const admission = (request as MaybeAdmitted)[admitted];
  if (admission === undefined) throw new TypeError(`${caller}: no requireAuth has let this request through`);
  return admission;
}
