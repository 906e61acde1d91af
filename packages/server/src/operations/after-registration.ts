import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';

/** Other registrations may wait for the same transaction. */
const deadlineMs = 2000;

/** A call of the application's hook, and its fault. */
export interface RegistrationHook {
  /** Runs within the step that creates the user; `undefined` if there is no hook. */
  run: ((transaction: unknown) => Promise<void>) | undefined;
  /** The error of a hook that has failed, or that was too late. */
  fault(): { error: unknown } | undefined;
}

/** The hook `afterRegistration` for one registration. */
export function registrationHook(
  { afterRegistration }: Engine,
  registration: { userId: string; credentialId: string; facts: RequestFacts },
): RegistrationHook {
  let fault: { error: unknown } | undefined;
  return {
    run:
      afterRegistration &&
      (async (transaction) => {
        try {
          await beforeDeadline(async () => afterRegistration({ ...registration, transaction }));
        } catch (error) {
          fault = { error };
          throw error;
        }
      }),
    fault: () => fault,
  };
}

/** A hook that is too late may fail later. Nobody waits for that. */
async function beforeDeadline(work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`afterRegistration took longer than ${deadlineMs} ms. Nobody was registered`)),
      deadlineMs,
    );
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
