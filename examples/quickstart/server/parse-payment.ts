import type { PaymentOrder } from './ledger.ts';

/** A million, in cents. */
const maxAmount = 100_000_000;
const maxNameLength = 64;

/** The payment that a request asks for, or `null` if the body is not a payment. */
export function parsePayment(body: unknown): PaymentOrder | null {
  if (typeof body !== 'object' || body === null) return null;
  const { to, amount } = body as Record<string, unknown>;
  return isName(to) && isAmount(amount) ? { to, amount } : null;
}

function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= maxNameLength &&
    value === value.trim() &&
    !/\p{C}/u.test(value)
  );
}

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= maxAmount;
}
