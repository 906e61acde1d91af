import { expect, it } from 'vitest';
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
