import { type Argon2idParameters, ZkpAuthError } from '@zkp-auth/core';
import type { KeyStorage } from '../src/index.js';
import { serveVault, type VaultPort } from '../src/worker/serve-vault.js';
import type { VaultHost, VaultWorker } from '../src/worker/started-worker.js';

export type LocalWorker = VaultWorker & { crash(message?: string): void };

/** Both ends of a worker in one thread, with structured cloning. */
export function localWorker(open: (argon2?: Argon2idParameters) => KeyStorage): LocalWorker {
  return workerThat((inside) => serveVault(inside, open));
}

/** A worker that runs another script. */
export function workerThat(script: (inside: VaultPort) => void): LocalWorker {
  const { port1, port2 } = new MessageChannel();
  port2.start();
  const inside: VaultPort = { onmessage: null, postMessage: (answer) => port2.postMessage(answer) };
  script(inside);
  port2.onmessage = (event) => inside.onmessage?.(event as never);
  const outside: LocalWorker = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage: (message: unknown) => port1.postMessage(message),
    terminate: () => port1.close(),
    crash: (message = 'out of memory') => {
      port1.close();
      outside.onerror?.call(outside as never, Object.assign(new Event('error'), { message }) as never);
    },
  };
  port1.onmessage = (event) => outside.onmessage?.call(outside as never, event as never);
  return outside;
}

/** A host that cannot explain why a worker does not start. */
export function hostOf(start: () => VaultWorker, explain?: VaultHost['explain']): VaultHost {
  return {
    start,
    explain: explain ?? (async (cause) => new ZkpAuthError('VAULT_UNAVAILABLE', undefined, { cause })),
  };
}
