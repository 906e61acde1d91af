import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AnswerOf, JsonOf } from '@zkp-auth/core';
import { verify } from '../operations/verify.js';
import type { Outcome } from '../outcome.js';
import type { Operation, RouteCalls } from './routes.js';
import { operations } from './routes.js';
import type { ServedRouteName } from '../served-routes.js';

describe('the table of routes', () => {
  it('takes no operation that gives the answer of another route', () => {
    // @ts-expect-error A session is no challenge.
    const wrong: Operation<'challenge'> = verify;
    expect(wrong).toBe(operations.verify);
  });

  it('takes no operation that leaves a member of its answer out', () => {
    // @ts-expect-error Without `expiresInMs` a client cannot tell when the challenge ends.
    const wrong: Operation<'challenge'> = async () => ({
      body: { challengeId: '', challenge: '', pin: undefined },
      headers: [],
    });
    expect(wrong).toBeTypeOf('function');
  });

  it('types each call by its route', () => {
    expectTypeOf<ReturnType<RouteCalls['verify']>>().toEqualTypeOf<
      Promise<Outcome<JsonOf<AnswerOf<'verify'>>>>
    >();
    expectTypeOf<ReturnType<RouteCalls['openKey']>>().toEqualTypeOf<Promise<Outcome<undefined>>>();
    expectTypeOf<keyof RouteCalls>().toEqualTypeOf<ServedRouteName>();
  });
});
