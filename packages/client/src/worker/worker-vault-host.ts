import type { Argon2idParameters, ZkpAuthError } from '@zkp-auth/core';
import { loadPart } from '../load-part.js';
import { baseAddress } from '../transport/endpoint.js';
import type { VaultHost, VaultWorker } from './started-worker.js';
import type { KeyStorage } from '../vault/key-storage.js';
import { clientVersion } from './vault-messages.js';
import { WorkerKeyStorage } from './worker-key-storage.js';

/** The options of the client that concern its default storage. */
export interface DefaultStorageOptions {
  argon2?: Argon2idParameters | undefined;
  workerUrl?: string | URL | undefined;
}

/** The default storage. If it has a worker, `close` ends that for good. */
export type DefaultStorage = KeyStorage & { close?: () => void };

/**
 * The default storage of a browser. It is IndexedDB, in a worker that starts with the first call.
 *
 * @throws `TypeError` if `workerUrl` is not an `http:` or `https:` address.
 */
export function openDefaultStorage({ argon2, workerUrl }: DefaultStorageOptions = {}): DefaultStorage {
  return new WorkerKeyStorage(new WorkerVaultHost(workerUrl), argon2);
}

/** The explanation is needed only after a failure. */
const loadExplanation = /* @__PURE__ */ loadPart(() => import('./explain-start.js'));

class WorkerVaultHost implements VaultHost {
  readonly #chosen: URL | undefined;
  #address: string | undefined;

  constructor(workerUrl?: string | URL) {
    if (workerUrl !== undefined) this.#chosen = addressOf(workerUrl);
  }

  start(): VaultWorker {
    const Recorded = this.#recordedWorker();
    return this.#chosen === undefined ? spawn(Recorded) : new Recorded(this.#chosen, { type: 'module' });
  }

  /** @throws `NETWORK_ERROR` if nothing can be fetched. That error is then the reason itself. */
  async explain(cause: unknown, version?: string): Promise<ZkpAuthError> {
    const { explainStart } = await loadExplanation();
    const address = this.#address;
    return explainStart({
      address,
      isOfAnotherOrigin: address !== undefined && !isOwnOrigin(address),
      cause,
      versions: version === undefined ? undefined : { worker: version, client: clientVersion },
      refusedBy,
      hasNoPolicy: policy === undefined && 'trustedTypes' in globalThis,
    });
  }

  /** A `Worker` for `spawn`. It records the address that a bundler gave, and passes Trusted Types. */
  #recordedWorker(): typeof Worker {
    const record = (url: string): void => {
      this.#address = url;
      assertOwnOrigin(url);
      watchPolicy(url);
    };
    return class extends Worker {
      constructor(url: URL | string, options?: WorkerOptions) {
        const { href } = new URL(url, baseAddress());
        record(href);
        super(trusted(href), options);
      }
    };
  }
}

// Bundlers find the worker by exactly this text. The parameter has the name `Worker`, so that our own constructor can
// replace the global one.
function spawn(Worker: typeof globalThis.Worker): Worker {
  return new Worker(new URL('./vault-worker.js', import.meta.url), { type: 'module' });
}

/** @throws `TypeError`. */
function addressOf(workerUrl: string | URL): URL {
  const base = baseAddress();
  const url = URL.canParse(workerUrl, base) ? new URL(workerUrl, base) : null;
  // Only the page's own scheme can work. A `data:` or `blob:` address would be a script that no server sent.
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new TypeError('workerUrl must be an http: or https: address, or a path, without credentials');
  }
  return url;
}

/** @throws before the browser itself throws, because our explanation names the remedy. */
function assertOwnOrigin(address: string): void {
  if (!isOwnOrigin(address)) throw new Error('another origin');
}

function isOwnOrigin(address: string): boolean {
  return new URL(address).origin === globalThis.origin && /^https?:/.test(address);
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/**
 * The address as the trusted value that `require-trusted-types-for 'script'` requires. If the page forbids the policy,
 * it is the plain address. That works if the page requires no trusted values, or has a default policy.
 */
function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    policy ??= trustedTypes?.createPolicy('zkp-auth', { createScriptURL: ownScript });
  } catch {
    return address;
  }
  return policy?.createScriptURL(address) ?? address;
}

/** Accept only a script of the page's own origin. */
function ownScript(address: string): string {
  assertOwnOrigin(address);
  return address;
}

/** The directive that refused each address, as the browser reported it. */
let refusals: Map<string, string | undefined> | undefined;

/** Listen from now on to reports of the Content-Security-Policy about an address. */
export function watchPolicy(address: string): void {
  if (refusals === undefined) {
    refusals = new Map();
    const { document = globalThis } = globalThis as { document?: Pick<Document, 'addEventListener'> };
    document.addEventListener('securitypolicyviolation', onViolation as EventListener);
  }
  refusals.set(address, undefined);
}

/** The directive that refused an address since the last call of {@link watchPolicy} for it. */
export function refusedBy(address: string): string | undefined {
  return refusals?.get(address);
}

function onViolation({ blockedURI, disposition, effectiveDirective }: SecurityPolicyViolationEvent): void {
  if (disposition === 'enforce' && refusals?.has(blockedURI) === true) {
    refusals.set(blockedURI, effectiveDirective);
  }
}
