import { type Argon2idParameters, isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import { clientVersion, type VaultAnswer, type VaultRequest } from './vault-messages.js';

/** The part of a `Worker` that the storage uses. */
export type VaultWorker = Pick<
  Worker,
  'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'
>;

/** Starts vault workers, and finds out the reason if one did not start. */
export interface VaultHost {
  /** @throws if the browser refuses. {@link VaultHost.explain} gives the reason. */
  start(): VaultWorker;
  /**
   * The reason why a worker cannot be used. `cause` is the browser's own error, if there is one. `version` is the
   * worker's, if it has answered, and is of another version.
   */
  explain(cause: unknown, version?: string): Promise<ZkpAuthError>;
}

/**
 * After this long without an answer, the host is asked for the reason. A slow connection needs time to load the file.
 */
const patienceMs = 30_000;
/** The explanation itself has to be fetched, and requests the worker's address once. */
const explanationMs = 20_000;

export interface StartedWorkerOptions {
  argon2: Argon2idParameters | undefined;
  onAnswer: (answer: VaultAnswer) => void;
  /** Called once, when the worker did not start or has died. After that, no message gets an answer. */
  onEnd: (error: ZkpAuthError) => void;
}

/** One vault worker. It receives no call before it has answered that it has the client's own version. */
export class StartedWorker {
  readonly #host: VaultHost;
  readonly #options: StartedWorkerOptions;
  readonly #patience: ReturnType<typeof setTimeout>;
  #worker: VaultWorker | undefined;
  /** Messages that wait until the worker has answered. */
  #held: VaultRequest[] | undefined = [];
  #explaining = false;
  #ended = false;

  constructor(host: VaultHost, options: StartedWorkerOptions) {
    this.#host = host;
    this.#options = options;
    this.#patience = setTimeout(() => this.#explain('no answer within 30 seconds'), patienceMs);
    try {
      this.#start(host.start());
    } catch (cause) {
      this.#explain(cause);
    }
  }

  post(message: VaultRequest): void {
    if (this.#held === undefined) this.#worker?.postMessage(message);
    else this.#held.push(message);
  }

  /** End it, for good. */
  close(error: ZkpAuthError): void {
    this.#end(error);
  }

  #start(worker: VaultWorker): void {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<VaultAnswer>) => this.#receive(data);
    worker.onerror = (event) => this.#fail(event);
    worker.onmessageerror = (event) => this.#fail(event);
    const configure: VaultRequest = {
      id: 0,
      method: 'configure',
      args: [this.#options.argon2, clientVersion],
    };
    worker.postMessage(configure);
  }

  #receive(answer: VaultAnswer): void {
    if (this.#ended) return;
    const held = this.#held;
    if (held === undefined) {
      this.#options.onAnswer(answer);
      return;
    }
    const version = versionIn(answer);
    if (version !== clientVersion) {
      this.#explain(undefined, version);
      return;
    }
    clearTimeout(this.#patience);
    this.#held = undefined;
    for (const message of held) this.post(message);
  }

  #fail(event: Event): void {
    event.preventDefault();
    const cause = (event as Partial<ErrorEvent>).message;
    if (this.#held === undefined) this.#end(new ZkpAuthError('VAULT_UNAVAILABLE', undefined, { cause }));
    else this.#explain(cause);
  }

  /** The host is asked once. If the worker answers in the meantime, it has started after all. */
  #explain(cause: unknown, version?: string): void {
    if (this.#explaining) return;
    this.#explaining = true;
    this.#explained(cause, version)
      .catch((failure: unknown) =>
        isZkpAuthError(failure)
          ? failure
          : new ZkpAuthError('VAULT_UNAVAILABLE', undefined, { cause: failure }),
      )
      .then((error) => {
        if (this.#held !== undefined) this.#end(error);
      })
      .catch(() => undefined);
  }

  /** The explanation of the host. If it does not arrive in time, nothing can be fetched. */
  async #explained(cause: unknown, version: string | undefined): Promise<ZkpAuthError> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<ZkpAuthError>((resolve) => {
      timer = setTimeout(
        () => resolve(new ZkpAuthError('NETWORK_ERROR', undefined, { cause })),
        explanationMs,
      );
    });
    return Promise.race([this.#host.explain(cause, version), late]).finally(() => clearTimeout(timer));
  }

  #end(error: ZkpAuthError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#patience);
    this.#worker?.terminate();
    this.#options.onEnd(error);
  }
}

/** The version in the answer to `configure`. The first release, and a script that is not a vault worker, give `unknown`. */
function versionIn(answer: unknown): string {
  const { result } = (answer ?? {}) as { result?: { version?: unknown } };
  const version = result?.version;
  return typeof version === 'string' && /^[\w.+-]{1,40}$/.test(version) ? version : 'unknown';
}
