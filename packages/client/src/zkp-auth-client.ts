import { openDefaultStorage } from '#vault-host';
import { normalizeUserId } from '@zkp-auth/core';
import type {
  AddPasskeyOptions,
  CallOptions,
  ClientSnapshot,
  ExportKeyBlobOptions,
  ImportKeyBlobOptions,
  KeySlot,
  Operation,
  Phase,
  RegisterOptions,
  RegisterResult,
  Session,
  UnlockWith,
  ZkpAuthClientOptions,
} from './client-types.js';
import { localStorageMarker } from './eviction-marker.js';
import { type Context, keyName } from './operations/context.js';
import { loadOnDemand } from './operations/load-on-demand.js';
import { login } from './operations/login.js';
import { normalizePin } from './pin.js';
import { assertPinPolicy, type PinPolicy } from './pin-policy.js';
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
  readonly #pinAssistance: boolean;
  readonly #pinPolicy: PinPolicy;
  readonly #progress = new Progress();
  readonly #background = new Set<Promise<void>>();
  #storage: KeyStorage | undefined;

  /**
   * @throws `TypeError` where `baseUrl` is no text, or `pinPolicy` allows PINs that are too short. Everything else
   * is looked at by the first call.
   */
  constructor(options: ZkpAuthClientOptions) {
    if (typeof options.baseUrl !== 'string') throw new TypeError('baseUrl must be a string');
    this.#options = options;
    this.#pinAssistance = options.pinAssistance ?? true;
    this.#pinPolicy = options.pinPolicy ?? {};
    assertPinPolicy(this.#pinPolicy, this.#pinAssistance);
  }

  /**
   * Make a key under a PIN and register it. The key is on disk before the request leaves; where the outcome stays
   * unknown (a crash, a lost answer), the next `register` or `login` of the name finds out.
   *
   * @param userId 1 to 256 UTF-8 bytes; taken in NFC.
   * @param pin as `pinPolicy` asks.
   * @throws `KEY_ALREADY_EXISTS` where this device has a key for the name, before anything is written or sent.
   * @throws `INVALID_PIN`, `PIN_TOO_COMMON`, saying why.
   * @throws `USER_ID_TAKEN`, `REGISTRATION_DENIED`, `PROOF_REJECTED`.
   */
  async register(userId: string, pin: string, options: RegisterOptions = {}): Promise<RegisterResult> {
    const normalized = normalizeUserId(userId);
    normalizePin(pin);
    const { deviceName } = options;
    const result = await this.#run('register', normalized, options, async (context) => {
      const { register } = await loadOnDemand();
      return register(context, normalized, pin, deviceName);
    });
    askToPersist();
    return result;
  }

  /**
   * Sign in with this device's key. Where wrong PINs were tried on it, or its PIN slot is over a day old, that slot
   * is renewed in the background; see {@link idle}.
   *
   * @param unlockWith the PIN, or `{ passkey: true }`.
   * @throws `DECRYPTION_FAILED` for a wrong PIN, with `attemptsLeft`; `PIN_WAIT` with `retryAfterMs` after five of
   * them, `PIN_LOCKED` after ten, or where this device's record was replaced elsewhere; `LOGIN_REJECTED` where the
   * server refuses; `KEY_NOT_FOUND` where this device has no key for the name; `KEY_EVICTED` where it had one and the
   * browser cleared it; `REGISTRATION_UNFINISHED` where the name's registration never arrived: register again.
   * @throws for a passkey: `SLOT_NOT_FOUND` where none opens this key, `PASSKEY_CANCELLED`, `PASSKEY_UNSUPPORTED`.
   */
  async login(userId: string, unlockWith: UnlockWith, options: CallOptions = {}): Promise<Session> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    return this.#run('login', normalized, options, (context) => login(context, normalized, unlockWith));
  }

  /**
   * Change the PIN of this device's key. Where the answer is lost, both PINs are kept and the next `login` finds out
   * which of them counts; its error says so.
   *
   * @param unlockWith the PIN until now, or `{ passkey: true }`: the way out for who forgot it.
   * @throws as {@link login}, for `newPin` as {@link register}, and `PROOF_REJECTED`.
   */
  async changePin(
    userId: string,
    unlockWith: UnlockWith,
    newPin: string,
    options: CallOptions = {},
  ): Promise<void> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    normalizePin(newPin);
    await this.#run('change-pin', normalized, options, async (context) => {
      const { changePin } = await loadOnDemand();
      await changePin(context, normalized, { unlockWith, newPin });
    });
  }

  /**
   * Have a passkey open this device's key, beside its PIN: a fingerprint or the device's own code is enough from
   * then on. The credential stays the same one. Call it from a click.
   *
   * @throws as {@link login}; `PASSKEY_UNSUPPORTED` where the browser or authenticator has no PRF: nothing has
   * changed then; `PASSKEY_CANCELLED`.
   */
  async addPasskeyUnlock(
    userId: string,
    unlockWith: UnlockWith,
    options: AddPasskeyOptions = {},
  ): Promise<KeySlot> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    return this.#run('add-passkey', normalized, options, async (context) => {
      const { addPasskeyUnlock } = await loadOnDemand();
      return addPasskeyUnlock(context, normalized, { unlockWith, siteName: options.siteName });
    });
  }

  /** What opens this device's key, oldest first. @throws `KEY_NOT_FOUND`, `KEY_EVICTED`, `REGISTRATION_UNFINISHED`. */
  async listSlots(userId: string, options: CallOptions = {}): Promise<KeySlot[]> {
    const normalized = normalizeUserId(userId);
    const context = this.#context(options);
    const { listSlots } = await loadOnDemand();
    return unlessAborted(options.signal, listSlots(context, normalized));
  }

  /**
   * Let go of one way to open this device's key. Copies of the record still have it: after a PIN was seen by
   * somebody, {@link changePin} is what helps.
   *
   * @throws `LAST_SLOT` where nothing else would open the key; `SLOT_NOT_FOUND`, and as {@link listSlots}.
   */
  async removeSlot(userId: string, slotId: string, options: CallOptions = {}): Promise<void> {
    const normalized = normalizeUserId(userId);
    await this.#run('remove-slot', normalized, options, async (context) => {
      const { removeSlot } = await loadOnDemand();
      await removeSlot(context, normalized, slotId);
    });
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
    await this.#run('remove', normalized, options, async (context) => {
      const { removeLocalKey } = await loadOnDemand();
      await removeLocalKey(context, normalized);
    });
  }

  /**
   * The name's key as text to keep elsewhere. Without a passphrase it is useless without the PIN and the server, and
   * can be retired there alone. With one it opens by that alone, for as long as somebody may have it.
   *
   * @throws as {@link login}; `WEAK_PASSPHRASE`, saying why; `TypeError` for a passkey without a passphrase.
   */
  async exportKeyBlob(
    userId: string,
    unlockWith: UnlockWith,
    options: ExportKeyBlobOptions = {},
  ): Promise<string> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    const { passphrase } = options;
    return this.#run('export', normalized, options, async (context) => {
      const { exportKeyBlob } = await loadOnDemand();
      return exportKeyBlob(context, normalized, { unlockWith, passphrase });
    });
  }

  /**
   * Take a key in that {@link exportKeyBlob} gave on another device, or one of the first generation. It is checked
   * whole before anything is written, and gets a PIN slot of this device's own. A first-generation key is replaced
   * at its first login, because copies of its blob stay guessable.
   *
   * @param pin what the blob was exported under; for one with a passphrase, the PIN to keep the key under here.
   * @throws `INVALID_KEY_BLOB`; `KEY_BLOB_MISMATCH` where it is of another server, or of another user than
   * `userId`; `DECRYPTION_FAILED`, `PIN_WAIT`, `PIN_LOCKED`; `SLOT_NOT_FOUND` for a passphrase where it has none, or
   * none where it has one; `LOGIN_REJECTED` or `PROOF_REJECTED` where the server no longer takes the key;
   * `KEY_CONFLICT` where this device has a different key for the name, one whose registration is unfinished included,
   * and `replace` is not set; for a PIN that is new here, as {@link register}.
   */
  async importKeyBlob(blob: string, pin: string, options: ImportKeyBlobOptions = {}): Promise<LocalKey> {
    normalizePin(pin);
    const { passphrase, newPin = pin, replace = false } = options;
    const { importKeyBlob, ownerOf } = await loadOnDemand();
    const userId = ownerOf(blob, options.userId);
    const key = await this.#run('import', userId, options, (context) =>
      importKeyBlob(context, blob, userId, { pin, passphrase, newPin, replace }),
    );
    askToPersist();
    return key;
  }

  /**
   * Resolves when nothing is left to do in the background: wait for it before the page goes elsewhere after a login,
   * or the renewal of its PIN slot has to wait for the next one.
   */
  async idle(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
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
    const context: Context = {
      storage: this.#storage,
      endpoint: resolveEndpoint(baseUrl, origin),
      timeoutMs: timeoutMs ?? 30_000,
      pinAssistance: this.#pinAssistance,
      pinPolicy: this.#pinPolicy,
      marker: this.#storage.evictable ? localStorageMarker : null,
      signal: options.signal,
      report,
      later: (work) => this.#later(work({ ...context, signal: undefined, report: () => undefined })),
    };
    return context;
  }

  #later(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#options.onBackgroundError?.(error))
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}

function assertUnlockWith(unlockWith: UnlockWith): void {
  if (typeof unlockWith === 'string') normalizePin(unlockWith);
  else if ((unlockWith as { passkey?: unknown } | null)?.passkey !== true) {
    throw new TypeError('unlock with a PIN or with { passkey: true }');
  }
}

/** Ask the browser not to clear this origin under pressure. It may ask the person, or say no: nothing waits for it. */
function askToPersist(): void {
  const { navigator } = globalThis as { navigator?: { storage?: Partial<StorageManager> } };
  navigator?.storage?.persist?.().catch(() => undefined);
}
