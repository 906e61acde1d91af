import { isZkpAuthError, type UnlockWith } from '@zkp-auth/client';
import { api } from './api.ts';
import { client } from './client.ts';
import { runDialog } from './dialogs.ts';
import { byId } from './dom.ts';
import { Explained } from './explained.ts';
import { input } from './forms.ts';
import { hasPasskey } from './has-passkey.ts';
import { pinDetails } from './locked-view.ts';
import { formatMoney } from './money.ts';

/**
 * Ask a person to confirm a payment with the PIN or a passkey, and make it.
 *
 * @param order the payee, and the amount in cents.
 * @returns whether the payment was made.
 */
export async function confirmPayment(
  userId: string,
  order: { to: string; amount: number },
): Promise<boolean> {
  const sum = formatMoney(order.amount);
  byId('payment-dialog-title', HTMLHeadingElement).textContent = `Pay ${sum} to ${order.to}?`;
  byId('pay', HTMLButtonElement).textContent = `Pay ${sum}`;
  byId('pay-with-passkey', HTMLButtonElement).hidden = !(await hasPasskey(userId));
  // The confirmed bytes and the sent bytes are the same.
  const body = JSON.stringify(order);
  return runDialog(
    'payment-dialog',
    async (signal, submitter) => {
      const withPasskey = submitter?.id === 'pay-with-passkey';
      const unlockWith: UnlockWith = withPasskey ? { passkey: true } : input('payment-pin').value;
      const { headers } = await client.confirm('payment', body, unlockWith, { signal });
      await api('/api/payments', {
        method: 'POST',
        status: 201,
        headers: { ...headers, 'Content-Type': 'application/json' },
        body,
        signal,
      }).catch((error: unknown) => {
        throw explained(error);
      });
    },
    (error) => pinDetails(error, userId),
  );
}

/** After a refusal nothing was done. If the answer is missing, the outcome is unknown. */
function explained(error: unknown): unknown {
  if (isZkpAuthError(error) && error.outcome === 'nothing') return error;
  return new Explained(
    'It is not known whether this payment was made.',
    'Look for it among the payments before you send it again.',
    { cause: error },
  );
}
