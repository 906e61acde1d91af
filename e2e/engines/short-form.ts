import { engineNames } from '../../scripts/engine-suite.ts';

/** Whether this is the short form, which `npm test` runs. `npm run test:engines` runs the long one. */
export const isShortForm = process.env['SHORT_FORM'] === '1';

/**
 * Whether it is this browser's turn. In the short form the browsers share what takes long: each of these tests runs in one
 * of them. In the long form each runs in all.
 *
 * @param n a number of the test's own.
 */
export function isTurn(n: number): boolean {
  return !isShortForm || engineNames[n % engineNames.length] === (process.env['ENGINE'] ?? 'chromium');
}

/**
 * The specs that the short form leaves out in Chromium: `e2e/browser` has the same tests there, and `npm test` runs them
 * too.
 */
export const alsoInTheLargerSuite: readonly string[] = [
  'change-pin.spec.ts',
  'evicted.spec.ts',
  'fluid.spec.ts',
  'key-file.spec.ts',
  'layout.spec.ts',
  'payments.spec.ts',
  'server-away.spec.ts',
  'sessions.spec.ts',
  'sign-in.spec.ts',
  'tabs.spec.ts',
  'wide-font.spec.ts',
];
