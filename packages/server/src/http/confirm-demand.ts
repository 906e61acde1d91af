import { checkedInteger } from '../checked-integer.js';
import { requireOwnAction } from '../operations/confirm.js';
import type { GuardOptions } from './guard.js';
import { maxConfirmedBytes } from './limits.js';

/** A fresh proof that a guarded route asks for, over an action and the exact bytes of the body. */
export interface ConfirmOptions<Request> {
  /** The action that the person confirms. It is the name that the client got with the payload. */
  action: string | ((request: Request) => string);
  /** The longest body in bytes. Default 102 400. */
  limitBytes?: number;
}

/** The demands of a guarded route on each request. */
export interface RouteGuardOptions<Request> extends Omit<GuardOptions, 'confirm'> {
  /**
   * Ask for a fresh proof over this action and the exact bytes of the body, which the guard reads itself. A refusal
   * is `CONFIRMATION_REQUIRED` or `CONFIRMATION_REJECTED`.
   */
  confirm?: string | ConfirmOptions<Request>;
}

/** The reader of the bodies that are confirmed. */
interface BodyRoom {
  /** @throws `TypeError` if no body of this size can ever be read. */
  requireRoom(limitBytes: number): void;
}

/**
 * Check the options of a guarded route at start.
 *
 * @returns the demands on one request, for `auth.guard`.
 * @throws `TypeError` for an action that begins with `zkp-auth:`, for a `maxAgeMs` or `limitBytes` that is not an integer,
 * and for a `limitBytes` that the reader can never hold.
 */
export function guardDemands<Request>(
  { confirm, ...options }: RouteGuardOptions<Request>,
  bodyReader: BodyRoom,
): (request: Request) => GuardOptions {
  if (options.maxAgeMs !== undefined) checkedInteger('maxAgeMs', options.maxAgeMs, 0);
  if (confirm === undefined) return () => options;
  const { action, limitBytes = maxConfirmedBytes } =
    typeof confirm === 'string' ? { action: confirm } : confirm;
  bodyReader.requireRoom(checkedInteger('limitBytes', limitBytes, 0));
  if (typeof action === 'string') {
    const demands = { ...options, confirm: { action: requireOwnAction(action), limitBytes } };
    return () => demands;
  }
  return (request) => ({ ...options, confirm: { action: requireOwnAction(action(request)), limitBytes } });
}
