import { openDefaultStorage } from '#vault-host';
import { isDeviceName, normalizeUserId } from '@zkp-auth/core';
import type {
  CallOptions,
  ClientSnapshot,
  ImportKeyBlobOptions,
  Operation,
  Phase,
  RegisterOptions,
  RegisterResult,
  Session,
  ZkpAuthClientOptions,
} from './client-types.js';
import { localStorageMarker } from './eviction-marker.js';
import { type Context, keyName } from './operations/context.js';
import { exportKeyBlob } from './operations/export-key-blob.js';
import { importKeyBlob } from './operations/import-key-blob.js';
import { login } from './operations/login.js';
import { register } from './operations/register.js';
import { removeLocalKey } from './operations/remove-local-key.js';
import { assertNewPin, normalizePin } from './pin.js';
import { Progress } from './progress.js';
import type { KeyStorage, LocalKey } from './storage/key-storage.js';
import { resolveEndpoint } from './transport.js';
import { unlessAborted } from './unless-aborted.js';

/**
 * Registers people with a PIN and signs them in with a proof. One per page is enough; it holds no secret.
 *
 * Every method throws `TypeError` for misuse, the signal's reason after an abort, and otherwise a `ZkpAuthError`
 * whose `code` says what happened: `INVALID_USER_ID`, `STORAGE_ERROR`, `VAULT_UNAVAILABLE`, `INSECURE_CONTEXT`
 * from any of them, `NETWORK_ERROR`, `INVALID_RESPONSE`, `RATE_LIMITED` and the server's 5xx codes from those
 * that contact it, and what each names itself.
 *
 * @example
 * ```ts
 * const client = new ZkpAuthClient({ baseUrl: '/auth' });
 * await client.register('alice', pin);
 * const { token } = await client.login('alice', pin, { onPhase: showPhase });
 * ```
 */
export class ZkpAuthClient {
  readonly #options: ZkpAuthClientOptions;
  readonly #progress = new Progress();
  #storage: KeyStorage | undefined;

  /** @throws `TypeError` where `baseUrl` is no text. Everything else is looked at by the first call. */
  constructor(options: ZkpAuthClientOptions) {
    if (typeof options.baseUrl !== 'string') throw new TypeError('baseUrl must be a string');
    this.#options = options;
  }

  /**
   * Make a key under a PIN and register it. The key is on disk before the request leaves; where the outcome stays
   * unknown (a crash, a lost answer), the next `register` or `login` of the name finds out.
   *
   * @param userId 1 to 256 UTF-8 bytes; taken in NFC.
   * @param pin at least 6 characters.
   * @throws `KEY_ALREADY_EXISTS` where this device has a key for the name, before anything is written or sent.
   * @throws `USER_ID_TAKEN`, `REGISTRATION_DENIED`, `PROOF_REJECTED`, `INVALID_PIN`.
   */
  async register(userId: string, pin: string, options: RegisterOptions = {}): Promise<RegisterResult> {
    const normalized = normalizeUserId(userId);
    assertNewPin(pin);
    const { deviceName } = options;
    if (deviceName !== undefined && !isDeviceName(deviceName)) {
      throw new TypeError('deviceName must have 1 to 64 characters, none of them a control character');
    }
    const result = await this.#run('register', normalized, options, (context) =>
      register(context, normalized, pin, deviceName),
    );
    askToPersist();
    return result;
  }

  /**
   * Sign in with this device's key.
   *
   * @throws `DECRYPTION_FAILED` for a wrong PIN; `LOGIN_REJECTED` where the server refuses;
   * `KEY_NOT_FOUND` where this device has no key for the name; `KEY_EVICTED` where it had one and the browser
   * cleared it; `REGISTRATION_UNFINISHED` where the name's registration never arrived: register again.
   */
  async login(userId: string, pin: string, options: CallOptions = {}): Promise<Session> {
    const normalized = normalizeUserId(userId);
    normalizePin(pin);
    return this.#run('login', normalized, options, (context) => login(context, normalized, pin));
  }

  /** Whether this device has a registered key for a name at this server. */
  async hasLocalKey(userId: string, options: CallOptions = {}): Promise<boolean> {
    const normalized = normalizeUserId(userId);
    const context = this.#context(options);
    return unlessAborted(options.signal, context.storage.hasKey(keyName(context, normalized)));
  }

  /** This device's keys for this server, newest first. */
  async listLocalKeys(options: CallOptions = {}): Promise<LocalKey[]> {
    const { storage, endpoint } = this.#context(options);
    return (await unlessAborted(options.signal, storage.listKeys())).filter(
      (key) => key.audience === endpoint.audience,
    );
  }

  /** Forget a name's key on this device, for good: without a copy elsewhere nobody can sign in with it again. */
  async removeLocalKey(userId: string, options: CallOptions = {}): Promise<void> {
    const normalized = normalizeUserId(userId);
    await this.#run('remove', normalized, options, (context) => removeLocalKey(context, normalized));
  }

  /**
   * The name's key as text to keep elsewhere, still sealed under its PIN. The PIN is checked first, so that a
   * copy is not found useless when it is needed.
   *
   * @throws `DECRYPTION_FAILED`, `KEY_NOT_FOUND`, `KEY_EVICTED`, `REGISTRATION_UNFINISHED`.
   */
  async exportKeyBlob(userId: string, pin: string, options: CallOptions = {}): Promise<string> {
    const normalized = normalizeUserId(userId);
    normalizePin(pin);
    return this.#run('export', normalized, options, (context) => exportKeyBlob(context, normalized, pin));
  }

  /**
   * Take a key in that {@link exportKeyBlob} gave on another device. It is checked whole before anything is
   * written.
   *
   * @throws `INVALID_KEY_BLOB`; `KEY_BLOB_MISMATCH` where it is of another server, or of another user than
   * `userId`; `DECRYPTION_FAILED`; `KEY_CONFLICT` where this device has a different key for the name, one whose
   * registration is unfinished included, and `replace` is not set.
   */
  async importKeyBlob(blob: string, pin: string, options: ImportKeyBlobOptions = {}): Promise<LocalKey> {
    const { userId, ...rest } = options;
    const owner = userId === undefined ? {} : { userId: normalizeUserId(userId) };
    normalizePin(pin);
    const key = await this.#run('import', owner.userId ?? null, options, (context) =>
      importKeyBlob(context, blob, pin, { ...rest, ...owner }),
    );
    askToPersist();
    return key;
  }

  /** Be told when {@link getSnapshot} changes. Gives the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#progress.subscribe(listener);

  /** What the client is doing now, fit for React's `useSyncExternalStore`. */
  readonly getSnapshot = (): ClientSnapshot => this.#progress.getSnapshot();

  #run<T>(
    operation: Operation,
    userId: string | null,
    options: CallOptions,
    work: (context: Context) => Promise<T>,
  ): Promise<T> {
    return this.#progress.track(operation, userId, options.onPhase, async (report) =>
      unlessAborted(options.signal, work(this.#context(options, report))),
    );
  }

  #context(options: CallOptions, report: (phase: Phase) => void = () => undefined): Context {
    options.signal?.throwIfAborted();
    const { baseUrl, origin, storage, argon2, timeoutMs } = this.#options;
    this.#storage ??= storage ?? openDefaultStorage(argon2);
    return {
      storage: this.#storage,
      endpoint: resolveEndpoint(baseUrl, origin),
      timeoutMs: timeoutMs ?? 30_000,
      marker: this.#storage.evictable ? localStorageMarker : null,
      signal: options.signal,
      report,
    };
  }
}

/** Ask the browser not to clear this origin under pressure. It may ask the person, or say no: nothing waits for it. */
function askToPersist(): void {
  const { navigator } = globalThis as { navigator?: { storage?: Partial<StorageManager> } };
  navigator?.storage?.persist?.().catch(() => undefined);
}
