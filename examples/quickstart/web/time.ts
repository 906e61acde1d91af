import { make } from './dom.ts';

const thisYear = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});
const anyYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A time as the clock shows it. “Five minutes ago” would be wrong if this device’s clock is wrong. */
export function formatTime(ms: number): string {
  const format = new Date(ms).getFullYear() === new Date().getFullYear() ? thisYear : anyYear;
  return format.format(ms);
}

export function timeElement(ms: number): HTMLTimeElement {
  return make('time', { dateTime: new Date(ms).toISOString() }, formatTime(ms));
}
