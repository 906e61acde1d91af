import { type Argon2idParameters, assertArgon2Parameters, ZkpAuthError } from '@zkp-auth/core';
import type {
  ImportBlobOptions,
  KeyName,
  KeyStorage,
  LocalKey,
  UnlockedKey,
} from '../storage/key-storage.js';
import type { KeyHandle, VaultAnswer, VaultCall } from './vault-messages.js';

/** What of a `Worker` is used here. */
export type VaultWorker = Pick<
  Worker,
  'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'
>;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A key storage in a worker, seen from the page. A worker that dies is replaced at the next call. */
export class WorkerKeyStorage implements KeyStorage {
  readonly evictable = true;
  readonly #start: () => VaultWorker;
  readonly #argon2: Argon2idParameters | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #worker: VaultWorker | undefined;
  #lastId = 0;

  /** @throws `TypeError` for parameters outside their bounds. */
  constructor(start: () => VaultWorker, argon2?: Argon2idParameters) {
    if (argon2 !== undefined) assertArgon2Parameters(argon2);
    this.#start = start;
    this.#argon2 = argon2;
  }

  async generateAndStore(name: KeyName, pin: string): Promise<UnlockedKey> {
    return this.#keyOf(await this.#call({ method: 'generateAndStore', args: [name, pin] }));
  }

  async confirmKey(name: KeyName, credentialId: string): Promise<void> {
    await this.#call({ method: 'confirmKey', args: [name, credentialId] });
  }

  async discardPendingKey(name: KeyName, credentialId: string): Promise<void> {
    await this.#call({ method: 'discardPendingKey', args: [name, credentialId] });
  }

  async unlock(name: KeyName, credentialId: string, pin: string): Promise<UnlockedKey> {
    return this.#keyOf(await this.#call({ method: 'unlock', args: [name, credentialId, pin] }));
  }

  async hasKey(name: KeyName): Promise<boolean> {
    return (await this.#call({ method: 'hasKey', args: [name] })) as boolean;
  }

  async listKeys(): Promise<LocalKey[]> {
    return (await this.#call({ method: 'listKeys', args: [] })) as LocalKey[];
  }

  async exportBlob(name: KeyName): Promise<string> {
    return (await this.#call({ method: 'exportBlob', args: [name] })) as string;
  }

  async importBlob(blob: string, pin: string, options: ImportBlobOptions): Promise<LocalKey> {
    return (await this.#call({ method: 'importBlob', args: [blob, pin, options] })) as LocalKey;
  }

  async deleteKey(name: KeyName): Promise<void> {
    await this.#call({ method: 'deleteKey', args: [name] });
  }

  #keyOf(result: unknown): UnlockedKey {
    const { handle, credentialId, publicKey } = result as KeyHandle;
    const worker = this.#worker;
    let open = true;
    // A worker started since then knows nothing of this key.
    const reachable = (): boolean => open && this.#worker === worker;
    return {
      credentialId,
      publicKey,
      prove: async (message) => {
        if (!reachable()) throw new ZkpAuthError('VAULT_UNAVAILABLE', 'The key has been closed.');
        return (await this.#call({ method: 'prove', args: [handle, message] })) as Uint8Array;
      },
      dispose: () => {
        if (reachable()) this.#call({ method: 'dispose', args: [handle] }).catch(() => undefined);
        open = false;
      },
    };
  }

  #call(call: VaultCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const worker = (this.#worker ??= this.#startWorker());
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...call, id });
    });
  }

  #startWorker(): VaultWorker {
    let worker: VaultWorker;
    try {
      worker = this.#start();
    } catch (cause) {
      throw new ZkpAuthError('VAULT_UNAVAILABLE', undefined, { cause });
    }
    worker.onmessage = ({ data }: MessageEvent<VaultAnswer>) => this.#settle(data);
    worker.onerror = (event) => this.#fail(worker, event);
    worker.onmessageerror = (event) => this.#fail(worker, event);
    worker.postMessage({ id: 0, method: 'configure', args: [this.#argon2] });
    return worker;
  }

  #settle(answer: VaultAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (waiting === undefined) return;
    if ('result' in answer) waiting.resolve(answer.result);
    else waiting.reject(errorOf(answer.error));
  }

  #fail(worker: VaultWorker, event: Event): void {
    event.preventDefault();
    worker.terminate();
    this.#worker = undefined;
    const cause = (event as Partial<ErrorEvent>).message;
    for (const waiting of this.#waiting.values()) {
      waiting.reject(new ZkpAuthError('VAULT_UNAVAILABLE', undefined, { cause }));
    }
    this.#waiting.clear();
  }
}

function errorOf(error: Extract<VaultAnswer, { error: unknown }>['error']): Error {
  return 'code' in error ? new ZkpAuthError(error.code, error.message) : new TypeError(error.misuse);
}
