import { type RequestFacts, type ZkpAuth, ZkpAuthError } from '../src/index.js';
import type { HeaderList, RouteCalls } from '../src/index.js';
import { isZkpAuthError, type JsonOf, type SessionResponse } from '@zkp-auth/core';
import { offersNonce } from '../src/http/routes.js';
import type { ServedAnswer, ServedRouteName } from '../src/served-routes.js';

/** The facts of a request, and a function that takes the headers of its answer. */
export interface TestFacts extends RequestFacts {
  setHeader?: ((name: string, value: string) => void) | undefined;
}

type Call<Body> = (body: unknown, facts?: TestFacts) => Promise<Body>;

/** The body of a route's answer on the wire. Tests that register or rotate a key read the session in it. */
type Answer<Name extends ServedRouteName> = Name extends 'register' | 'rotateKey'
  ? JsonOf<SessionResponse>
  : ServedAnswer<Name>;

/** The operations of the routes as calls. Each gives the body of its answer. */
export type TestCalls = { [Name in ServedRouteName]: Call<Answer<Name>> };

/** A server for tests. Its calls return bodies, and give headers to `facts.setHeader`. */
export interface TestAuth extends ZkpAuth {
  calls: TestCalls;
  authenticate(
    facts: TestFacts,
    options?: Parameters<ZkpAuth['authenticate']>[1],
  ): ReturnType<ZkpAuth['authenticate']>;
}

/** See {@link TestAuth}. */
export function asTestAuth(auth: ZkpAuth): TestAuth {
  const take = ({ setHeader }: TestFacts, headers: HeaderList): void => {
    for (const [name, value] of headers) setHeader?.(name, value);
  };
  const refusalHeaders = (error: unknown): HeaderList => {
    const isAboutKeys = isZkpAuthError(error) && /^UNAUTHENTICATED$|DPOP/.test(error.code);
    if (!isAboutKeys) return [];
    const { headers } = auth.refuse({ header: () => undefined }, error);
    return headers.filter(([name]) => /^(WWW-Authenticate|DPoP-Nonce)$/.test(name));
  };
  const nonce = (): HeaderList => refusalHeaders(new ZkpAuthError('DPOP_NONCE_REQUIRED')).slice(0, 1);
  const taking = async <T>(facts: TestFacts, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      take(facts, refusalHeaders(error));
      throw error;
    }
  };
  const call =
    (name: keyof RouteCalls): Call<any> =>
    async (body, { setHeader, ...facts } = {}) =>
      taking({ setHeader }, async () => {
        const isProven = offersNonce.has(name) || facts.dpop !== undefined;
        const outcome = await auth.routes[name](body, facts);
        take({ setHeader }, [...(isProven ? nonce() : []), ...outcome.headers]);
        return outcome.body;
      });
  const names = Object.keys(auth.routes) as (keyof RouteCalls)[];
  return {
    ...auth,
    calls: Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as TestCalls,
    authenticate: async ({ setHeader, ...facts }, options) =>
      taking({ setHeader }, async () => {
        const user = await auth.authenticate(facts, options);
        if (facts.dpop !== undefined) take({ setHeader }, nonce());
        return user;
      }),
  };
}
