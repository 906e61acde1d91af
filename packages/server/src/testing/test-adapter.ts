import { adapterBodyTests } from './adapter-bodies.js';
import { type AdapterFixture, openAdapterFixture, type ServeAdapterApp } from './adapter-app.js';
import { adapterFuzzTests } from './adapter-fuzz.js';
import { adapterGuardTests } from './adapter-guards.js';
import { adapterRouteTests } from './adapter-routes.js';
import type { RegisterTest } from './contract.js';

/** The functions of a test runner that the contract of an adapter needs. */
export interface AdapterTestRunner {
  /** Registers one test: `it` of vitest, `test` of node:test. */
  test: RegisterTest;
  /** Runs before all tests: `beforeAll` of vitest, `before` of node:test. */
  before: (run: () => Promise<void>) => void;
  /** Runs after all tests: `afterAll` of vitest, `after` of node:test. */
  after: (run: () => Promise<void>) => void;
}

/** The tests of an adapter, one after another, on the application that a function gives. */
export type AdapterTests = (test: RegisterTest, app: () => AdapterFixture) => void;

/**
 * The contract of an adapter between a web framework and `auth.match`, `auth.guard`, `auth.refuse` and
 * `auth.publishKeys`. It covers statuses, headers, limits and refusals, over HTTP on the loopback interface. It needs
 * `fast-check`.
 *
 * @param serve starts an application of the framework; see {@link AdapterApp}.
 *
 * @example
 * ```ts
 * describe('my framework', () =>
 *   testAdapter({ test: it, before: beforeAll, after: afterAll }, async (app) => {
 *     const server = await serveMyFramework(app);
 *     return () => server.close();
 *   }));
 * ```
 */
export function testAdapter(
  { test, before, after }: AdapterTestRunner,
  serve: ServeAdapterApp,
  parts: readonly AdapterTests[] = adapterTests,
): void {
  let fixture: AdapterFixture | undefined;
  let close: () => Promise<void> = async () => undefined;
  before(async () => {
    fixture = await openAdapterFixture();
    close = await serve(fixture);
  });
  after(async () => close());
  const app = (): AdapterFixture => {
    if (fixture === undefined) throw new Error('the application has not been started');
    fixture.faults.length = 0;
    fixture.events.length = 0;
    fixture.limiter = () => undefined;
    fixture.isStoreDown = false;
    return fixture;
  };
  for (const part of parts) part(test, app);
}

/** All parts of the contract. */
export const adapterTests: readonly AdapterTests[] = [
  adapterRouteTests,
  adapterBodyTests,
  adapterGuardTests,
  adapterFuzzTests,
];
