/** Whether this is the short form. `npm test` runs the short form, and `npm run test:engines` runs the long one. */
export const isShortForm = process.env['SHORT_FORM'] === '1';

/**
 * The specs that the short form leaves out in Chromium. `e2e/browser` has the same tests for Chromium, and `npm test`
 * runs them too.
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
