import type { Argon2idParameters } from '@zkp-auth/core';
import type { KeyStorage } from '../storage/key-storage.js';
import { WorkerKeyStorage } from './worker-key-storage.js';

/** The default storage of a browser: IndexedDB, in a worker that starts with the first call. */
export function openDefaultStorage(argon2?: Argon2idParameters): KeyStorage {
  return new WorkerKeyStorage(() => spawn(trustedWorker()), argon2);
}

// Bundlers find the worker by this very text; the parameter's name is what lets it pass Trusted Types.
function spawn(Worker: typeof globalThis.Worker): Worker {
  return new Worker(new URL('./vault-worker.js', import.meta.url), { type: 'module' });
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** `Worker`, taking its script's address as the trusted value that `require-trusted-types-for 'script'` asks for. */
function trustedWorker(): typeof Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return Worker;
  const trusted = (policy ??= trustedTypes.createPolicy('zkp-auth', { createScriptURL: (url) => url }));
  return class extends Worker {
    constructor(url: URL | string, options?: WorkerOptions) {
      super(trusted.createScriptURL(String(url)), options);
    }
  };
}
