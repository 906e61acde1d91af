import {
  type Argon2idParameters,
  assertArgon2Parameters,
  isZkpAuthError,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { KeptReturn, KeyName, LocalKey, LocalSlot } from '../storage/local-key.js';
import type {
  KeyStorage,
  KeyUse,
  PinAssist,
  SaveKeyOptions,
  SlotSecret,
  UnlockedKey,
} from '../vault/key-storage.js';
import { StartedWorker, type VaultHost } from './started-worker.js';
import type { KeyHandle, PortableSecret, VaultAnswer, VaultCall, VaultReply } from './vault-messages.js';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  assist: PinAssist | null;
  /**
   * If `assist` failed for the vault's last question, its error. The call rejects with this very object, not with the
   * copy that comes back from the worker.
   */
  failed?: { error: unknown };
}

/** The page's side of a key storage in a worker. If the worker dies, the next call starts another one. */
export class WorkerKeyStorage implements KeyStorage {
  readonly evictable = true;
  readonly #host: VaultHost;
  readonly #argon2: Argon2idParameters | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #handles = new WeakMap<UnlockedKey, number>();
  #worker: StartedWorker | undefined;
  #isClosed = false;
  #lastId = 0;

  /** @throws `TypeError` for parameters outside their bounds. */
  constructor(host: VaultHost, argon2?: Argon2idParameters) {
    if (argon2 !== undefined) assertArgon2Parameters(argon2);
    this.#host = host;
    this.#argon2 = argon2;
  }

  async generateAndStore(name: KeyName, secret: SlotSecret): Promise<UnlockedKey> {
    const args: [KeyName, PortableSecret] = [name, portable(secret)];
    return this.#keyOf(await this.#call({ method: 'generateAndStore', args }, secret));
  }

  async generateSuccessor(key: UnlockedKey, secret: SlotSecret): Promise<UnlockedKey> {
    const args: [number, PortableSecret] = [this.#handleOf(key), portable(secret)];
    return this.#keyOf(await this.#call({ method: 'generateSuccessor', args }, secret));
  }

  async activateKey(name: KeyName, credentialId: string): Promise<void> {
    await this.#call({ method: 'activateKey', args: [name, credentialId] });
  }

  async discardPendingKey(name: KeyName, credentialId: string): Promise<void> {
    await this.#call({ method: 'discardPendingKey', args: [name, credentialId] });
  }

  async unlock(
    name: KeyName,
    credentialId: string,
    secret: SlotSecret,
    use: KeyUse = 'check',
  ): Promise<UnlockedKey> {
    const args: [KeyName, string, PortableSecret, KeyUse] = [name, credentialId, portable(secret), use];
    return this.#keyOf(await this.#call({ method: 'unlock', args }, secret));
  }

  async hasKey(name: KeyName): Promise<boolean> {
    return (await this.#call({ method: 'hasKey', args: [name] })) as boolean;
  }

  async listKeys(): Promise<LocalKey[]> {
    return (await this.#call({ method: 'listKeys', args: [] })) as LocalKey[];
  }

  async listSlots(name: KeyName, credentialId: string): Promise<LocalSlot[]> {
    return (await this.#call({ method: 'listSlots', args: [name, credentialId] })) as LocalSlot[];
  }

  async addSlot(key: UnlockedKey, secret: SlotSecret): Promise<LocalSlot> {
    const args: [number, PortableSecret] = [this.#handleOf(key), portable(secret)];
    return (await this.#call({ method: 'addSlot', args }, secret)) as LocalSlot;
  }

  async settlePinSlot(name: KeyName, credentialId: string, slotId: string): Promise<void> {
    await this.#call({ method: 'settlePinSlot', args: [name, credentialId, slotId] });
  }

  async removeSlot(name: KeyName, credentialId: string, slotId: string): Promise<void> {
    await this.#call({ method: 'removeSlot', args: [name, credentialId, slotId] });
  }

  async exportBlob(key: UnlockedKey, secret: SlotSecret): Promise<string> {
    const args: [number, PortableSecret] = [this.#handleOf(key), portable(secret)];
    return (await this.#call({ method: 'exportBlob', args }, secret)) as string;
  }

  async importBlob(blob: string, secret: SlotSecret, expected: KeyName): Promise<UnlockedKey> {
    const args: [string, PortableSecret, KeyName] = [blob, portable(secret), expected];
    return this.#keyOf(await this.#call({ method: 'importBlob', args }, secret));
  }

  async saveKey(key: UnlockedKey, options?: SaveKeyOptions): Promise<LocalKey> {
    return (await this.#call({ method: 'saveKey', args: [this.#handleOf(key), options] })) as LocalKey;
  }

  async listReturns(name: KeyName): Promise<KeptReturn[]> {
    return (await this.#call({ method: 'listReturns', args: [name] })) as KeptReturn[];
  }

  async saveReturns(name: KeyName, returns: readonly KeptReturn[]): Promise<void> {
    await this.#call({ method: 'saveReturns', args: [name, returns] });
  }

  async deleteKey(name: KeyName): Promise<void> {
    await this.#call({ method: 'deleteKey', args: [name] });
  }

  /** End the worker, and every call under way with `CLIENT_CLOSED`. Later calls reject alike. */
  close(): void {
    this.#isClosed = true;
    this.#worker?.close(new ZkpAuthError('CLIENT_CLOSED'));
  }

  #handleOf(key: UnlockedKey): number {
    const handle = this.#handles.get(key);
    if (handle === undefined) throw new TypeError('this key was not opened by this storage');
    return handle;
  }

  #keyOf(result: unknown): UnlockedKey {
    const { handle, credentialId, publicKey } = result as KeyHandle;
    const worker = this.#worker;
    let open = true;
    // A worker started since then does not know this key.
    const reachable = (): boolean => open && this.#worker === worker;
    const key: UnlockedKey = {
      credentialId,
      publicKey,
      prove: async (request) => {
        if (!reachable()) throw new ZkpAuthError('VAULT_UNAVAILABLE', 'The key has been closed.');
        return (await this.#call({ method: 'prove', args: [handle, request] })) as Uint8Array;
      },
      dispose: () => {
        if (reachable()) this.#call({ method: 'dispose', args: [handle] }).catch(() => undefined);
        open = false;
      },
    };
    this.#handles.set(key, handle);
    return key;
  }

  #call(call: VaultCall, secret?: SlotSecret): Promise<unknown> {
    const assist = secret?.kind === 'pin' ? secret.assist : null;
    if (this.#isClosed) return Promise.reject(new ZkpAuthError('CLIENT_CLOSED'));
    return new Promise((resolve, reject) => {
      const worker = (this.#worker ??= this.#start());
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject, assist });
      worker.post({ ...call, id });
    });
  }

  #start(): StartedWorker {
    return new StartedWorker(this.#host, {
      argon2: this.#argon2,
      onAnswer: (answer) => this.#settle(answer),
      onEnd: (error) => this.#fail(error),
    });
  }

  #settle(answer: VaultAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    if ('question' in answer) {
      void this.#answer(waiting, answer);
      return;
    }
    this.#waiting.delete(answer.id);
    if ('result' in answer) waiting.resolve(answer.result);
    else waiting.reject(rejectionOf(waiting, answer.error));
  }

  /** Answer a question of the vault with the result of the caller's assistance. */
  async #answer(
    waiting: Waiting,
    { id, question }: Extract<VaultAnswer, { question: unknown }>,
  ): Promise<void> {
    const worker = this.#worker;
    delete waiting.failed;
    let reply: VaultReply['reply'];
    try {
      if (waiting.assist === null) throw new TypeError('the vault asked for a server that it was not given');
      const { pinId, evaluated, challenge } = await waiting.assist(question);
      reply = { pinId, evaluated, challenge };
    } catch (error) {
      waiting.failed = { error };
      reply = { failed: isZkpAuthError(error) ? error.code : null };
    }
    worker?.post({ id, reply });
  }

  #fail(error: ZkpAuthError): void {
    this.#worker = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

function errorOf(error: Extract<VaultAnswer, { error: unknown }>['error']): Error {
  if ('misuse' in error) return new TypeError(error.misuse);
  // The worker has no sentences of its own for codes. Its message is the code itself.
  const { code, message, reason } = error;
  return new ZkpAuthError(code, message === code ? undefined : message, { reason });
}

/** The caller's own error, if that error ended the call. */
function rejectionOf({ failed }: Waiting, error: Extract<VaultAnswer, { error: unknown }>['error']): unknown {
  if (failed === undefined) return errorOf(error);
  const code = isZkpAuthError(failed.error) ? failed.error.code : undefined;
  return code === ('code' in error ? error.code : undefined) ? failed.error : errorOf(error);
}

/** The secret in a form that can be posted. Functions cannot be posted. */
function portable(secret: SlotSecret): PortableSecret {
  if (secret.kind !== 'pin') return secret;
  return { kind: 'pin', pin: secret.pin, assisted: secret.assist !== null };
}
