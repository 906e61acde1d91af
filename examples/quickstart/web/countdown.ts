import { isZkpAuthError } from '@zkp-auth/client';
import { make } from './dom.ts';
import { say } from './feedback.ts';
import { surfaceAround } from './surfaces.ts';

/** The time until a PIN may be tried again. It is empty for an error that does not ask for a wait. */
export function countdownOf(error: unknown): HTMLElement[] {
  if (!isZkpAuthError(error) || error.code !== 'PIN_WAIT') return [];
  return [countdown(error.retryAfterMs)];
}

/** A countdown that ticks only for the eye. A screen reader can read it, but announces only its end. */
function countdown(ms: number): HTMLElement {
  const endsAt = performance.now() + ms;
  const time = make('span', { className: 'time' });
  const shown = make('p', { className: 'countdown', role: 'timer', ariaLive: 'off' }, 'Next try in ', time);
  const tick = (): void => {
    const seconds = Math.ceil((endsAt - performance.now()) / 1000);
    time.textContent = formatSeconds(Math.max(0, seconds));
    if (seconds > 0) return;
    clearInterval(ticking);
    say('You can try again now.', surfaceAround(shown));
  };
  const ticking = setInterval(() => {
    // Another message has replaced it.
    if (shown.isConnected) tick();
    else clearInterval(ticking);
  }, 500);
  time.textContent = formatSeconds(Math.ceil(ms / 1000));
  return shown;
}

function formatSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
