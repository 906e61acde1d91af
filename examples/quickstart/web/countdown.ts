import { isZkpAuthError } from '@zkp-auth/client';
import { make } from './dom.ts';
import { say } from './feedback.ts';
import { surfaceAround } from './surfaces.ts';

/** The time until a PIN may be tried again; nothing for an error that asks for no wait. */
export function countdownOf(error: unknown): HTMLElement[] {
  if (!isZkpAuthError(error) || error.code !== 'PIN_WAIT') return [];
  return [countdown(error.retryAfterMs)];
}

/** Ticks for the eye alone: to a screen reader it is there to be read, and only its end is announced. */
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
    // Something else has been said in its place.
    if (shown.isConnected) tick();
    else clearInterval(ticking);
  }, 500);
  time.textContent = formatSeconds(Math.ceil(ms / 1000));
  return shown;
}

function formatSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
