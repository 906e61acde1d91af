import { type EndSessionsRequest, normalizeUserId, type SessionSummary, ZkpAuthError } from '@zkp-auth/core';
import type {
  AddPasskeyOptions,
  CallOptions,
  ClientSnapshot,
  Confirmation,
  ExportKeyBlobOptions,
  ImportKeyBlobOptions,
  KeySlot,
  LoginOptions,
  Operation,
  RegisterOptions,
  RegisterResult,
  Session,
  UnlockWith,
  ZkpAuthClientOptions,
} from './client-types.js';
import type { Connection } from './connect.js';
import type { Call } from './ceremony/call.js';
import type { Standing } from './ceremony/decisive.js';
import { loadOnDemand, type OnDemand } from './load-on-demand.js';
import { normalizePin } from './pins/pin.js';
import { assertPinPolicy } from './pins/pin-policy.js';
import { callListener, Progress } from './progress.js';
import type { SessionInfo } from './sessions/session-record.js';
import type { LocalKey } from './storage/local-key.js';
import { type StoragePersistence, storagePersistence } from './storage/storage-persistence.js';
import { unlessAborted } from './unless-aborted.js';

/**
 * Registers people with a PIN and signs them in with a proof. One per page is enough. It holds no key, and an access
 * token in memory only.
 *
 * Every method throws `TypeError` for misuse, the signal's reason after an abort, and otherwise a `ZkpAuthError`
 * whose `code` says what happened, and whose `outcome` says whether it was done: `INVALID_USER_ID`, `STORAGE_ERROR`, `VAULT_UNAVAILABLE`, `INSECURE_CONTEXT`
 * from any of them, `NETWORK_ERROR`, `INVALID_RESPONSE`, `RATE_LIMITED` and the server's 5xx codes from those
 * that contact it, `CLIENT_CLOSED` after {@link close}, and what each names itself.
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
  readonly #background = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #connection: Connection | undefined;

  /**
   * @throws `TypeError` where `baseUrl` is no text, or `pinPolicy` allows PINs that are too short. Everything else
   * is looked at by the first call.
   */
  constructor(options: ZkpAuthClientOptions) {
    if (typeof options.baseUrl !== 'string') throw new TypeError('baseUrl must be a string');
    this.#options = options;
    assertPinPolicy(options.pinPolicy ?? {}, options.pinAssistance ?? true);
  }

  /**
   * Make a key under a PIN and register it. The key is on disk before the request leaves; where the outcome stays
   * unknown (a crash, a lost answer), the next `register` or `login` of the name finds out.
   *
   * @param userId 1 to 256 UTF-8 bytes; taken in NFC.
   * @param pin as `pinPolicy` asks; its digits count by their value in every script, and neither white space around it
   * nor separators between nothing but digits count.
   * @throws `KEY_ALREADY_EXISTS` where this device has a key for the name, before anything is written or sent.
   * @throws `INVALID_PIN`, `PIN_TOO_COMMON`, saying why.
   * @throws `USER_ID_TAKEN`, `REGISTRATION_DENIED`, `PROOF_REJECTED`.
   */
  async register(userId: string, pin: string, options: RegisterOptions = {}): Promise<RegisterResult> {
    const normalized = normalizeUserId(userId);
    normalizePin(pin);
    const { deviceName } = options;
    return this.#run('register', normalized, options, (call, { register }) =>
      register(call, normalized, { pin, deviceName }),
    );
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
  async login(userId: string, unlockWith: UnlockWith, options: LoginOptions = {}): Promise<Session> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    const { deviceName } = options;
    return this.#run('login', normalized, options, (call, { login }) =>
      login(call, normalized, { unlockWith, deviceName }),
    );
  }

  /**
   * Change the PIN of this device's key. Where the answer is lost, both PINs are kept and the next `login` finds out
   * which of them counts; its error says so.
   *
   * @param unlockWith the PIN until now, or `{ passkey: true }`: the way out for who forgot it.
   * @throws as {@link login}, with `PROOF_REJECTED` in the place of `LOGIN_REJECTED`; for `newPin` as {@link register}.
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
    await this.#run('change-pin', normalized, options, (call, { changePin }) =>
      changePin(call, normalized, { unlockWith, newPin }),
    );
  }

  /**
   * Have a passkey open this device's key, beside its PIN: a fingerprint or the device's own code is enough from
   * then on. The credential stays the same one. Call it from a click: the browser prompts twice, to make the passkey and
   * to see that it opens the key.
   *
   * @throws as {@link login}, with `PROOF_REJECTED` in the place of `LOGIN_REJECTED`; `PASSKEY_UNSUPPORTED` where the
   * browser or authenticator has no PRF, or gives another secret each time: nothing has changed then;
   * `PASSKEY_CANCELLED`.
   */
  async addPasskeyUnlock(
    userId: string,
    unlockWith: UnlockWith,
    options: AddPasskeyOptions = {},
  ): Promise<KeySlot> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    return this.#run('add-passkey', normalized, options, (call, { addPasskeyUnlock }) =>
      addPasskeyUnlock(call, normalized, { unlockWith, siteName: options.siteName }),
    );
  }

  /** What opens this device's key, oldest first. @throws `KEY_NOT_FOUND`, `KEY_EVICTED`, `REGISTRATION_UNFINISHED`. */
  async listSlots(userId: string, options: CallOptions = {}): Promise<KeySlot[]> {
    const normalized = normalizeUserId(userId);
    return this.#ask(options, (call, { listSlots }) => listSlots(call, normalized));
  }

  /**
   * Let go of one way to open this device's key. Copies of the record still have it: after a PIN was seen by
   * somebody, {@link changePin} is what helps. If only passkeys would be left, the browser asks for one of them, and it
   * has to open the key first: call it from a click.
   *
   * @throws `LAST_SLOT` where nothing else would open the key, a passkey that does not open it included;
   * `PASSKEY_CANCELLED`, `PASSKEY_UNSUPPORTED`; `SLOT_NOT_FOUND`, and as {@link listSlots}. Nothing has changed then.
   */
  async removeSlot(userId: string, slotId: string, options: CallOptions = {}): Promise<void> {
    const normalized = normalizeUserId(userId);
    await this.#run('remove-slot', normalized, options, (call, { removeSlot }) =>
      removeSlot(call, normalized, slotId),
    );
  }

  /** Whether this device has a registered key for a name at this server. */
  async hasLocalKey(userId: string, options: CallOptions = {}): Promise<boolean> {
    const normalized = normalizeUserId(userId);
    return this.#ask(options, (call, { hasLocalKey }) => hasLocalKey(call, normalized));
  }

  /** This device's keys for this server, newest first. */
  async listLocalKeys(options: CallOptions = {}): Promise<LocalKey[]> {
    return this.#ask(options, (call, { listLocalKeys }) => listLocalKeys(call));
  }

  /** Forget a name's key on this device, for good: without a copy elsewhere nobody can sign in with it again. */
  async removeLocalKey(userId: string, options: CallOptions = {}): Promise<void> {
    const normalized = normalizeUserId(userId);
    await this.#run('remove', normalized, options, (call, { removeLocalKey }) =>
      removeLocalKey(call, normalized),
    );
  }

  /**
   * The name's key as text to keep elsewhere. Without a passphrase it is useless without the PIN and the server, and
   * can be retired there alone. With one it opens by that alone, for as long as somebody may have it.
   *
   * @throws as {@link login}, with `PROOF_REJECTED` in the place of `LOGIN_REJECTED`; `WEAK_PASSPHRASE`, saying why;
   * `TypeError` for a passkey without a passphrase.
   */
  async exportKeyBlob(
    userId: string,
    unlockWith: UnlockWith,
    options: ExportKeyBlobOptions = {},
  ): Promise<string> {
    const normalized = normalizeUserId(userId);
    assertUnlockWith(unlockWith);
    const { passphrase } = options;
    return this.#run('export', normalized, options, (call, { exportKeyBlob }) =>
      exportKeyBlob(call, normalized, { unlockWith, passphrase }),
    );
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
    const { passphrase, newPin = pin, replace = false, deviceName } = options;
    const { claimOf } = await unlessAborted(options.signal, loadOnDemand());
    const claimed = claimOf(blob, options.userId);
    return this.#run('import', claimed.userId, options, (call, { importKeyBlob }) =>
      importKeyBlob(call, claimed, { pin, passphrase, newPin, replace, deviceName }),
    );
  }

  /**
   * Whether the browser has promised to keep this site's storage. It never asks the person.
   *
   * @throws `STORAGE_ERROR` if the browser does not say.
   */
  async getPersistence(options: CallOptions = {}): Promise<StoragePersistence> {
    this.#closing.signal.throwIfAborted();
    return storagePersistence('persisted', options);
  }

  /**
   * Ask the browser to keep this site's storage when it clears others. The browser may ask the person: call it from a
   * click, after words of your own, once there is a key to keep. With a `storage` that the browser does not clear, it is of
   * no use.
   *
   * @throws `STORAGE_ERROR` if the browser does not say.
   */
  async requestPersistence(options: CallOptions = {}): Promise<StoragePersistence> {
    this.#closing.signal.throwIfAborted();
    return storagePersistence('persist', options);
  }

  /**
   * Who is signed in, as this browser's tabs share it: after a reload the session goes on without a PIN.
   *
   * @returns `null` where nobody is, or where this browser knows that the session has ended: while its access token
   * lasts it asks nobody.
   */
  async getSession(options: CallOptions = {}): Promise<SessionInfo | null> {
    return this.#ask(options, (call, { findSession }) => findSession(call));
  }

  /**
   * `fetch` under the session's access token: to the page's origin, the server's, and `apiOrigins`. Where the token
   * is about to end it is refreshed before; where it is refused with 401, once, and the request is sent once more.
   * A request with a confirmation is sent again while that lives, if no answer came, or 429, 502, 503 or 504: the
   * server takes the confirmation once. If a repeat is refused for that, what came of the first sending is the outcome,
   * and nobody knows whether it was done. A relative address is resolved as `fetch` does. Reading the body after an abort is the browser's own.
   *
   * @throws `NO_SESSION`, `SESSION_ENDED`: sign in again. `TypeError` for any other origin, and as `fetch` does; the
   * reason of the request's signal.
   *
   * @example
   * ```ts
   * const response = await client.fetch('/api/profile');
   * ```
   */
  async fetch(...request: Parameters<typeof fetch>): Promise<Response> {
    const [input, init] = request;
    const signal = init?.signal === undefined ? (input as Partial<Request>).signal : init.signal;
    return this.#ask(signal ? { signal } : {}, (call, { confirmedFetch, requestTo }) =>
      confirmedFetch(call, requestTo(call, this.#options.apiOrigins ?? [], request)),
    );
  }

  /**
   * Confirm an action with a fresh proof: what an endpoint behind `requireAuth(auth, { confirm })` asks for beside
   * the session. A stolen session cannot make one.
   *
   * @param action the name that the endpoint asks for.
   * @param payload the exact body that will be sent.
   * @throws as {@link login}, without `LOGIN_REJECTED`; `NO_SESSION`.
   *
   * @example
   * ```ts
   * const body = JSON.stringify({ to: 'bob', amount: 10 });
   * const { headers } = await client.confirm('transfer', body, pin);
   * await client.fetch('/api/transfer', { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body });
   * ```
   */
  async confirm(
    action: string,
    payload: string | Uint8Array,
    unlockWith: UnlockWith,
    options: CallOptions = {},
  ): Promise<Confirmation> {
    assertUnlockWith(unlockWith);
    return this.#run('confirm', null, options, (call, { confirm }) =>
      confirm(call, unlockWith, { action, payload }),
    );
  }

  /**
   * End the session, here and in all tabs. If the server cannot be told, the error says so, and its `outcome` is `done`: the
   * session is of no use all the same, because its key is gone from this browser.
   */
  async signOut(options: CallOptions = {}): Promise<void> {
    await this.#run('sign-out', null, options, (call, { signOut }) => signOut(call));
  }

  /** One's sessions on all devices, last used first; the first hundred of them. @throws `NO_SESSION`, `SESSION_ENDED`. */
  async listSessions(options: CallOptions = {}): Promise<SessionSummary[]> {
    return this.#ask(options, (call, { listSessions }) => listSessions(call));
  }

  /** End one of one's sessions, at once and for good. @throws `NO_SESSION`, `SESSION_ENDED`. */
  async endSession(sessionId: string, options: CallOptions = {}): Promise<void> {
    await this.#endSessions({ sessionId }, options);
  }

  /** End all of one's sessions but this one. @throws `NO_SESSION`, `SESSION_ENDED`. */
  async endOtherSessions(options: CallOptions = {}): Promise<void> {
    await this.#endSessions({ which: 'others' }, options);
  }

  /** End all of one's sessions, this one included. @throws `NO_SESSION`, `SESSION_ENDED`. */
  async endAllSessions(options: CallOptions = {}): Promise<void> {
    await this.#endSessions({ which: 'all' }, options);
  }

  /**
   * Resolves when nothing is left to do in the background: wait for it before the page goes elsewhere after a login,
   * or the renewal of its PIN slot has to wait for the next one.
   */
  async idle(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  /**
   * Let go of everything that the client holds: its channel to other tabs, its worker, its timers and listeners. Calls under
   * way and later ones reject with `CLIENT_CLOSED`. A `storage` that was handed in stays open, and the session goes on: make
   * another client to use it. A second call does nothing.
   */
  close(): void {
    this.#closing.abort(new ZkpAuthError('CLIENT_CLOSED'));
    this.#connection?.close();
    this.#progress.close();
  }

  /** Be told when {@link getSnapshot} changes. Gives the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#progress.subscribe(listener);

  /** What the client is doing now, fit for React's `useSyncExternalStore`. */
  readonly getSnapshot = (): ClientSnapshot => this.#progress.getSnapshot();

  #endSessions(request: EndSessionsRequest, options: CallOptions): Promise<void> {
    return this.#run('end-sessions', null, options, (call, { endSessions }) => endSessions(call, request));
  }

  /** Do what is shown as being done. */
  async #run<T>(
    operation: Operation,
    userId: string | null,
    options: CallOptions,
    work: Work<T>,
  ): Promise<T> {
    const { report, end } = this.#progress.begin(operation, userId, options.onPhase);
    return this.#ask(options, work, report).finally(end);
  }

  /** Load the client, and do something with it. An error of it says how far it has come. */
  async #ask<T>(
    { signal: own, onOutcome }: CallOptions,
    work: Work<T>,
    report: Call['report'] = () => undefined,
  ): Promise<T> {
    const closing = this.#closing.signal;
    const signal = own === undefined ? closing : AbortSignal.any([own, closing]);
    const standing: Standing = { outcome: 'nothing' };
    try {
      closing.throwIfAborted();
      const client = await unlessAborted(signal, loadOnDemand());
      signal.throwIfAborted();
      this.#connection ??= client.connect(this.#options, (change) => this.#progress.set(change));
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
    }
  }

  #later(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#options.onBackgroundError?.(error))
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}

/** What a method does with the client, once that has arrived. */
type Work<T> = (call: Call, client: OnDemand) => Promise<T>;

function assertUnlockWith(unlockWith: UnlockWith): void {
  if (typeof unlockWith === 'string') normalizePin(unlockWith);
  else if ((unlockWith as { passkey?: unknown } | null)?.passkey !== true) {
    throw new TypeError('unlock with a PIN or with { passkey: true }');
  }
}
