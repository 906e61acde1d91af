import { normalizeUserId, ZkpAuthError } from '@zkp-auth/core';
import type {
  CallOptions,
  ClientSnapshot,
  ImportKeyBlobOptions,
  LoginOptions,
  Operation,
  RegisterOptions,
  RegisterResult,
  Session,
  UnlockWith,
  ZkpAuthClientOptions,
} from './client-types.js';
import type { Connection } from './connect.js';
import type { Call, Standing } from './ceremony/call.js';
import { loadManagement } from './load-management.js';
import { loadOnDemand } from './load-on-demand.js';
import type { ManagementMethods } from './management-methods.js';
import type * as management from './management.js';
import type * as onDemand from './on-demand.js';
import { methodTable } from './method-table.js';
import { assertUnlockWith, normalizePin } from './pins/pin.js';
import { assertPinPolicy } from './pins/pin-policy.js';
import { callListener, Progress } from './progress.js';
import type { SessionInfo } from './sessions/session-record.js';
import type { SessionState } from './sessions/tab-state.js';
import type { LocalKey } from './storage/local-key.js';
import type { StoragePersistence } from './storage/storage-persistence.js';
import { unlessAborted } from './unless-aborted.js';

/**
 * Registers people with a PIN and signs them in with a proof. One client per page is enough. It holds no key, and keeps
 * its access token only in memory.
 *
 * Every method throws `TypeError` for misuse, the signal's reason after an abort, and otherwise a `ZkpAuthError` with a
 * `code`. All methods can throw `INVALID_USER_ID`, `STORAGE_ERROR`, `VAULT_UNAVAILABLE` and `INSECURE_CONTEXT`. All
 * methods that contact the server can throw `NETWORK_ERROR`, `INVALID_RESPONSE`, `RATE_LIMITED` and the server's 5xx
 * codes. Each method names its further codes.
 *
 * @example
 * ```ts
 * const client = new ZkpAuthClient({ baseUrl: '/auth' });
 * await client.register('alice', pin);
 * const { token } = await client.login('alice', pin, { onPhase: showPhase });
 * ```
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the class puts each method of the table on its prototype
export interface ZkpAuthClient extends ManagementMethods {}
export class ZkpAuthClient {
  static {
    for (const name of Object.keys(methodTable) as (keyof ManagementMethods)[]) {
      const value = function (this: ZkpAuthClient, ...given: unknown[]): Promise<unknown> {
        return this.#manage(name, given);
      };
      Object.defineProperty(this.prototype, name, { value, writable: true, configurable: true });
    }
  }

  readonly #options: ZkpAuthClientOptions;
  readonly #progress = new Progress();
  readonly #background = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #connection: Connection | undefined;

  /**
   * @throws `TypeError` if `baseUrl` is not a string, or `pinPolicy` allows PINs that are too short. The first call
   * checks the other options.
   */
  constructor(options: ZkpAuthClientOptions) {
    if (typeof options.baseUrl !== 'string') throw new TypeError('baseUrl must be a string');
    this.#options = options;
    assertPinPolicy(options.pinPolicy ?? {}, options.pinAssistance ?? true);
  }

  /**
   * Make a key under a PIN and register it. The key is on disk before the request leaves. If the outcome stays unknown,
   * as after a crash or a lost answer, the next `register` or `login` of the name finds out.
   *
   * @param userId 1 to 256 UTF-8 bytes; converted to NFC.
   * @param pin as `pinPolicy` requires. Digits of every script count by their value. White space around the PIN does
   * not count, and separators do not count if the rest is only digits.
   * @throws `KEY_ALREADY_EXISTS` if this device has a key for the name, before anything is written or sent.
   * @throws `INVALID_PIN`, `PIN_TOO_COMMON`, each with the reason.
   * @throws `USER_ID_TAKEN`, `REGISTRATION_DENIED`, `PROOF_REJECTED`; `CREDENTIAL_REVOKED` if an earlier registration had
   * arrived, and the device was removed since then.
   */
  async register(userId: string, pin: string, options: RegisterOptions = {}): Promise<RegisterResult> {
    const normalized = normalizeUserId(userId);
    normalizePin(pin);
    const { deviceName } = options;
    return this.#run('register', { ...options, userId: normalized }, (call, { register }) =>
      register(call, normalized, { pin, deviceName }),
    );
  }

  /**
   * Sign in with this device's key. If wrong PINs were tried on it, or its PIN slot is over a day old, that slot is
   * renewed in the background; see {@link idle}.
   *
   * @param unlockWith the PIN, or `{ passkey: true }`.
   * @throws `DECRYPTION_FAILED` for a wrong PIN, with `attemptsLeft`; `PIN_WAIT` with `retryAfterMs` after five wrong
   * PINs; `PIN_LOCKED` after ten, or if this device's record was replaced elsewhere; `LOGIN_REJECTED` if the server
   * refuses; `CREDENTIAL_REVOKED` if this device was removed from the account, so that you offer {@link removeLocalKey};
   * `KEY_NOT_FOUND` if this device has no key for the name; `KEY_EVICTED` if it had one and the browser
   * cleared it; `REGISTRATION_UNFINISHED` if the name's registration never arrived, so that the person has to register
   * again.
   * @throws for a passkey: `SLOT_NOT_FOUND` if none opens this key; `PASSKEY_CANCELLED`, `PASSKEY_UNSUPPORTED`.
   */
  async login(userId: string, unlockWith: UnlockWith, options: LoginOptions = {}): Promise<Session> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    const { deviceName } = options;
    return this.#run('login', { ...options, userId: normalized }, (call, { login }) =>
      login(call, normalized, { unlockWith, deviceName }),
    );
  }

  /** Whether this device has a registered key for a name at this server. */
  async hasLocalKey(userId: string, options: CallOptions = {}): Promise<boolean> {
    const normalized = normalizeUserId(userId);
    return this.#run(null, options, (call, { hasLocalKey }) => hasLocalKey(call, normalized));
  }

  /** This device's keys for this server, newest first. */
  async listLocalKeys(options: CallOptions = {}): Promise<LocalKey[]> {
    return this.#run(null, options, (call, { listLocalKeys }) => listLocalKeys(call));
  }

  /**
   * Import a key that {@link exportKeyBlob} gave on another device, or a key of the first generation. The blob is
   * checked completely before anything is written, and the key gets a PIN slot of this device's own. A first-generation
   * key is replaced at its first login, because an attacker can guess at copies of its blob.
   *
   * @param pin the PIN under which the blob was exported. For a blob with a passphrase, the PIN under which this device
   * keeps the key.
   * @throws `INVALID_KEY_BLOB`; `KEY_BLOB_MISMATCH` if it belongs to another server, or to a user other than `userId`;
   * `DECRYPTION_FAILED`, `PIN_WAIT`, `PIN_LOCKED`; `SLOT_NOT_FOUND` if a passphrase is given and the blob has none, or
   * the reverse; `LOGIN_REJECTED` or `PROOF_REJECTED` if the server no longer accepts the key; `KEY_CONFLICT` if this
   * device has a different key for the name, even with an unfinished registration, and `replace` is not set; for a PIN
   * that is new here, as {@link register}.
   */
  async importKeyBlob(blob: string, pin: string, options: ImportKeyBlobOptions = {}): Promise<LocalKey> {
    normalizePin(pin);
    const { passphrase, newPin = pin, replace = false, deviceName } = options;
    const { claimOf } = await unlessAborted(options.signal, loadManagement());
    const claimed = claimOf(blob, options.userId);
    return this.#runRare('import', { ...options, userId: claimed.userId }, (call, { importKeyBlob }) =>
      importKeyBlob(call, claimed, { pin, passphrase, newPin, replace, deviceName }),
    );
  }

  /**
   * Whether the browser has promised to keep this site's storage. It never asks the person.
   *
   * @throws `STORAGE_ERROR` if the browser does not say; `NETWORK_ERROR` if a part of the client cannot be fetched.
   */
  async getPersistence(options: CallOptions = {}): Promise<StoragePersistence> {
    this.#closing.signal.throwIfAborted();
    const { storagePersistence } = await unlessAborted(options.signal, loadManagement());
    return storagePersistence('persisted', options);
  }

  /**
   * Ask the browser to keep this site's storage when it clears other sites. The browser may ask the person. So call it
   * from a click, after an explanation of your own, once there is a key to keep. It is of no use with a `storage` that
   * the browser does not clear.
   *
   * @throws `STORAGE_ERROR` if the browser does not say; `NETWORK_ERROR` if a part of the client cannot be fetched.
   */
  async requestPersistence(options: CallOptions = {}): Promise<StoragePersistence> {
    this.#closing.signal.throwIfAborted();
    const { storagePersistence } = await unlessAborted(options.signal, loadManagement());
    return storagePersistence('persist', options);
  }

  /**
   * The current session, which the tabs of this browser share. After a reload the session continues without a PIN.
   * While its access token is valid, the method sends no request.
   *
   * @returns `null` if nobody is signed in, or if this browser knows that the session has ended.
   */
  async getSession(options: CallOptions = {}): Promise<SessionInfo | null> {
    return this.#run(null, options, (call, { findSession }) => findSession(call));
  }

  /**
   * `fetch` under the session's access token, to the page's origin, the server's, and `apiOrigins`. If the token
   * expires soon, it is refreshed first. If the server refuses it with 401, it is refreshed once, and the request is
   * sent once more. A request with a confirmation is sent again while the confirmation is valid, if no answer came, or
   * 429, 502, 503 or 504. The server accepts the confirmation once. If it refuses a repeat for that reason, the outcome
   * of the first sending is the outcome, and nobody knows whether the action was done. A relative address is resolved
   * as in `fetch`. After an abort, the browser itself decides how the body is read.
   *
   * @throws `NO_SESSION`, `SESSION_ENDED`, after which the person has to sign in again; `TypeError` for any other
   * origin, and the errors of `fetch`; the reason of the request's signal.
   *
   * @example
   * ```ts
   * const response = await client.fetch('/api/profile');
   * ```
   */
  async fetch(...request: Parameters<typeof fetch>): Promise<Response> {
    const [input, init] = request;
    const signal = init?.signal === undefined ? (input as Partial<Request>).signal : init.signal;
    return this.#runRare(null, signal ? { signal } : {}, (call, { confirmedFetch, requestTo }) =>
      confirmedFetch(call, requestTo(call, this.#options.apiOrigins ?? [], request)),
    );
  }

  /**
   * End the session, here and in all tabs. If the server cannot be reached, the error says so. The session is useless
   * nevertheless, because its key is gone from this browser.
   */
  async signOut(options: CallOptions = {}): Promise<void> {
    await this.#run('sign-out', options, (call, { signOut }) => signOut(call));
  }

  /**
   * Resolves when no background work is left. Wait for it before the page navigates away after a login. Otherwise the
   * renewal of its PIN slot has to wait for the next login.
   */
  async idle(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  /**
   * Close the client's channel to other tabs, its worker, its timers and its listeners. Calls under way and later calls
   * reject with `CLIENT_CLOSED`. A `storage` that was handed in stays open. The session continues, and another client can
   * use it. A second call does nothing.
   */
  close(): void {
    this.#closing.abort(new ZkpAuthError('CLIENT_CLOSED'));
    this.#connection?.close();
    this.#progress.close();
  }

  /** Call a listener when {@link getSnapshot} changes. Returns the function that ends this. */
  readonly subscribe = (listener: () => void): (() => void) => this.#progress.subscribe(listener);

  /** The current state of the client, fit for React's `useSyncExternalStore`. */
  readonly getSnapshot = (): ClientSnapshot => this.#progress.getSnapshot();

  /** Load the client, and run work with it. Report it as the current operation, unless that is `null`. */
  async #run<T>(
    operation: Operation | null,
    { userId, signal: own, onPhase, onOutcome }: CallOptions & { userId?: string | undefined },
    work: Work<T>,
  ): Promise<T> {
    const { report, end } = this.#progress.begin(operation, userId ?? null, onPhase);
    const closing = this.#closing.signal;
    const signal = own === undefined ? closing : AbortSignal.any([own, closing]);
    const standing: Standing = { outcome: 'nothing' };
    try {
      closing.throwIfAborted();
      const client = await unlessAborted(signal, loadOnDemand());
      signal.throwIfAborted();
      const onChange = (change: SessionState): void => this.#progress.set(change);
      this.#connection ??= client.connect(this.#options, onChange, loadManagement);
      const call: Call = {
        ...this.#connection,
        signal,
        report,
        standing,
        later: (later) => this.#later(later({ ...call, signal: closing, report: () => undefined })),
      };
      return await unlessAborted(signal, work(call, client));
    } catch (error) {
      // Calls that were closed together have come unequally far.
      const failure = error === closing.reason ? new ZkpAuthError('CLIENT_CLOSED') : error;
      if (failure instanceof ZkpAuthError) failure.outcome = standing.outcome;
      if (onOutcome !== undefined) callListener(() => onOutcome(standing.outcome));
      throw failure;
    } finally {
      end();
    }
  }

  /** Do the work of a method of the table. */
  async #manage(name: keyof ManagementMethods, given: readonly unknown[]): Promise<unknown> {
    const [operation, optionsAt, userIdAt] = methodTable[name];
    const options = given[optionsAt] as CallOptions | undefined;
    const userId = userIdAt === undefined ? undefined : normalizeUserId(given[userIdAt] as string);
    const asked = userIdAt === undefined ? given : given.with(userIdAt, userId);
    return this.#runRare(operation, { ...options, userId }, (call, { methods }) =>
      (methods[name] as (call: Call, ...asked: unknown[]) => Promise<unknown>)(call, ...asked),
    );
  }

  /** As {@link #run}, with the part that a plain sign-in does not need. */
  #runRare<T>(
    operation: Operation | null,
    options: CallOptions & { userId?: string | undefined },
    work: (call: Call, part: typeof management) => Promise<T>,
  ): Promise<T> {
    return this.#run(operation, options, async (call) =>
      work(call, await unlessAborted(call.signal, loadManagement())),
    );
  }

  #later(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#options.onBackgroundError?.(error))
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}

/** The work of a method, once the client has arrived. */
type Work<T> = (call: Call, client: typeof onDemand) => Promise<T>;
