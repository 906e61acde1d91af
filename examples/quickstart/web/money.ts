const euros = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'EUR' });

/** A million, in cents. It is the largest amount that the ledger accepts at once. */
const maxCents = 100_000_000;

export function formatMoney(cents: number): string {
  return euros.format(cents / 100);
}

/** The cents of an amount as people type it, such as 12, 12.50 or 12,50, or `null` for any other text. */
export function parseMoney(text: string): number | null {
  const [, whole, fraction = ''] = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const cents = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return cents > 0 && cents <= maxCents ? cents : null;
}
