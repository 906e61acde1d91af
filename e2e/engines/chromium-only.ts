/** A test of `e2e/browser` that needs Chromium’s debugging protocol, so no other engine has run it. */
export interface ChromiumOnlyTest {
  spec: string;
  title: string;
  needs: keyof typeof reasons;
}

/**
 * The abilities that only Chromium’s debugging protocol has, and the reason why the other engines have not shown the
 * behaviour.
 */
export const reasons = {
  authenticator:
    'A virtual authenticator with PRF. WebDriver BiDi has none, Firefox has one by Marionette only, and WebKitGTK has ' +
    'no WebAuthn at all.',
  eviction:
    'Clearing the storage under a page that has it open, which leaves localStorage. The other drivers clear all or ' +
    'nothing. That a database is gone before the page opens is tested in all engines.',
} as const;

const passkeyTests = [
  'a passkey signs in with the very same key, and the PIN goes on working',
  'with a wrong PIN no passkey is made, and the dialog says how many tries are left',
  'a forgotten PIN: the passkey sets a new one',
  'an authenticator that cannot open keys says so, and nothing changes',
  'an authenticator whose secret differs when the passkey is made: the one it is used with counts',
  'an authenticator whose secret is another each time is refused, and nothing changes',
  'the PIN goes only after the passkey that is left has opened the key',
  'a prompt that nobody answers can be cancelled from the page',
  'a removed passkey opens nothing any more and leaves the authenticator, and the page says how to get one',
  'the passkey of a key that is removed leaves the authenticator, and the one of another account stays',
  'uiMode immediate refuses the list of passkeys that the PRF of a slot needs',
];

/** These tests count as not run in Firefox and WebKitGTK. `chromium-only.test.ts` compares the list with the specs. */
export const chromiumOnlyTests: readonly ChromiumOnlyTest[] = [
  ...passkeyTests.map((title) => ({ spec: 'passkey.spec.ts', title, needs: 'authenticator' as const })),
  {
    spec: 'payments.spec.ts',
    title: 'a payment takes the right PIN or the passkey, and is there after a reload',
    needs: 'authenticator',
  },
  {
    spec: 'tries.spec.ts',
    title: 'with a passkey, a locked PIN is no end: a new one is set on the spot',
    needs: 'authenticator',
  },
  {
    spec: 'nothing-is-lost.spec.ts',
    title: 'evicted storage is told apart from a wrong PIN and from a name never registered',
    needs: 'eviction',
  },
  {
    spec: 'nothing-is-lost.spec.ts',
    title: 'storage that is evicted in the middle of a session is noticed, and bringing the key back works',
    needs: 'eviction',
  },
];
