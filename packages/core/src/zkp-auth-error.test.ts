import { readFileSync } from 'node:fs';
import { expect, expectTypeOf, it } from 'vitest';
import { type ErrorCode, errorStatus } from './error-codes.js';
import type { AnyZkpAuthError, ErrorOf } from './error-of.js';
import type { Outcome } from './error-outcome.js';
import type {
  CommonPinReason,
  InvalidPinReason,
  RecoveryWordsReason,
  WeakPassphraseReason,
} from './error-reasons.js';
import { isZkpAuthError } from './is-zkp-auth-error.js';
import { ZkpAuthError } from './zkp-auth-error.js';

it('an error carries its code, cause and waiting time, and is known across copies of the package', () => {
  const cause = new Error('socket');
  const error = new ZkpAuthError('NETWORK_ERROR', undefined, { cause, retryAfterMs: 5 });
  expect(error).toMatchObject({ code: 'NETWORK_ERROR', cause, retryAfterMs: 5, name: 'ZkpAuthError' });
  const copy = Object.assign(new Error('x'), { name: 'ZkpAuthError', code: 'NETWORK_ERROR' });
  expect([error, copy].map(isZkpAuthError)).toEqual([true, true]);
  expect([new Error('x'), { code: 'NETWORK_ERROR' }, null].map(isZkpAuthError)).toEqual([
    false,
    false,
    false,
  ]);
});

it('a look at the code says which members an error has', () => {
  const error: unknown = new ZkpAuthError('PIN_WAIT', undefined, { retryAfterMs: 60_000 });
  if (!isZkpAuthError(error)) throw error;
  if (error.code === 'PIN_WAIT') expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
  if (error.code === 'RATE_LIMITED') expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
  if (error.code === 'INVALID_RESPONSE') expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>();
  if (error.code === 'KEY_NOT_FOUND') {
    expectTypeOf(error.retryAfterMs).toEqualTypeOf<undefined>();
    expectTypeOf(error.attemptsLeft).toEqualTypeOf<undefined>();
    expectTypeOf(error.reason).toEqualTypeOf<undefined>();
  }
  if (error.code === 'DECRYPTION_FAILED') {
    expectTypeOf(error.attemptsLeft).toEqualTypeOf<number | undefined>();
    expectTypeOf(error.reason).toEqualTypeOf<'new-pin-counts' | 'old-pin-counts' | undefined>();
  }
  if (error.code === 'SESSION_ENDED') {
    expectTypeOf(error.cookie).toEqualTypeOf<'missing' | undefined>();
    expectTypeOf(error.ended).toEqualTypeOf<'expired' | 'revoked' | undefined>();
  }
  if (error.code === 'INVALID_PIN') expectTypeOf(error.reason).toEqualTypeOf<InvalidPinReason>();
  if (error.code === 'PIN_TOO_COMMON') expectTypeOf(error.reason).toEqualTypeOf<CommonPinReason>();
  if (error.code === 'WEAK_PASSPHRASE') expectTypeOf(error.reason).toEqualTypeOf<WeakPassphraseReason>();
  if (error.code === 'INVALID_RECOVERY_WORDS') {
    expectTypeOf(error.reason).toEqualTypeOf<RecoveryWordsReason>();
    expectTypeOf(error.wordNumber).toEqualTypeOf<number | undefined>();
  }
  expectTypeOf(error.outcome).toEqualTypeOf<Outcome>();
  expectTypeOf<ErrorOf<'PIN_WAIT'>>().toExtend<ZkpAuthError>();
  expectTypeOf<AnyZkpAuthError['code']>().toEqualTypeOf<ErrorCode>();
});

it('a refusal that says when to come back always has a time, if the page could not read the header too', () => {
  const waits = (Object.keys(errorStatus) as ErrorCode[]).filter((code) => errorStatus[code] === 429);
  expect(waits.map((code) => [code, new ZkpAuthError(code).retryAfterMs])).toEqual([
    ['PIN_WAIT', 30_000],
    ['RATE_LIMITED', 1_000],
  ]);
  expect(new ZkpAuthError('PIN_WAIT', undefined, { retryAfterMs: 5 }).retryAfterMs).toBe(5);
  expect(new ZkpAuthError('STORE_UNAVAILABLE').retryAfterMs).toBeUndefined();
});

it.each(Object.keys(errorStatus) as ErrorCode[])(
  '%s says whether it was done as docs/errors.md does',
  (code) => {
    const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const rows = page.match(/^\| `unknown` +\|[^|]+\|/gm) ?? [];
    const documented = rows.join('').includes(`\`${code}\``) ? 'unknown' : 'nothing';
    expect(new ZkpAuthError(code).outcome).toBe(documented);
    expect(new ZkpAuthError(code, undefined, { outcome: 'done' }).outcome).toBe('done');
  },
);
