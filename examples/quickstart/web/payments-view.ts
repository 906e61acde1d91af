import { api } from './api.ts';
import { currentUser } from './current-session.ts';
import { byId, make } from './dom.ts';
import { say, sayMissing } from './feedback.ts';
import { input, onSubmit } from './forms.ts';
import { formatMoney, parseMoney } from './money.ts';
import { confirmPayment } from './payment-dialog.ts';
import { timeElement } from './time.ts';

interface Payment {
  id: number;
  to: string;
  /** In cents. */
  amount: number;
  madeAtMs: number;
}

/** The part of the signed-in page that moves money. A session alone cannot move money. */
export function bindPayments(): void {
  onSubmit(byId('form-payment', HTMLFormElement), send);
}

/** Show the payments made so far. */
export async function showPayments(signal?: AbortSignal): Promise<void> {
  const { payments } = (await api('/api/payments', { status: 200, signal: signal ?? null })) as {
    payments: Payment[];
  };
  byId('payments', HTMLUListElement).replaceChildren(...payments.map(row));
  byId('no-payments', HTMLParagraphElement).hidden = payments.length > 0;
}

async function send(): Promise<void> {
  const amount = parseMoney(input('payment-amount').value);
  if (amount === null) {
    sayMissing(input('payment-amount'), 'The amount must be one such as 12 or 12.50, up to a million.');
    return;
  }
  const to = input('payment-to').value.trim();
  const isMade = await confirmPayment(currentUser(), { to, amount });
  // A payment with a lost answer may be in the list as well.
  await showPayments().catch(() => undefined);
  if (!isMade) return;
  byId('form-payment', HTMLFormElement).reset();
  say(`Paid: ${formatMoney(amount)} to ${to}.`);
  input('payment-to').focus();
}

function row({ to, amount, madeAtMs }: Payment): HTMLLIElement {
  const name = make(
    'span',
    { className: 'name' },
    make('bdi', {}, to),
    make('small', {}, timeElement(madeAtMs)),
  );
  return make('li', {}, name, make('span', { className: 'amount' }, formatMoney(amount)));
}
