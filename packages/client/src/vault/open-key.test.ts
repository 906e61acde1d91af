import {
  type Argon2idParameters,
  buildMessage,
  changePinContext,
  confirmContext,
  deleteAccountAction,
  encodeBase64url,
  encodeUtf8,
  type ErrorCode,
  loginContext,
  newKeyContext,
  openKeyAction,
  type Purpose,
  randomBytes,
  registerContext,
  returnTryAction,
  verifyProof,
} from '@zkp-auth/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakePinServer, newChallenge } from '../../test/fake-pin-server.js';
import { type LocalWorker, localWorker } from '../../test/local-worker.js';
import {
  type IssuedChallenge,
  type KeyStorage,
  type KeyUse,
  type PinAssistQuestion,
  type ProofRequest,
  type StoredKeys,
  VaultKeyStorage,
} from '../index.js';
import {
  clientVersion,
  type KeyHandle,
  type VaultAnswer,
  type VaultReply,
} from '../worker/vault-messages.js';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import { serveVault } from '../worker/serve-vault.js';

// A script that has taken over the page talks to the vault directly. So do these tests. They send messages, and call no
// function of ours.

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const origin = 'https://app.example';
const name = { userId: 'alice', audience: 'https://api.example' };
const pin = '482913';
const sessionKey = new Uint8Array(32).fill(7);
const payload = encodeUtf8('{"to":"bob"}');
const confirmation: KeyUse = { action: 'pay', payload, sessionKey };
const nameOf = (use: unknown): string =>
  typeof use === 'string' ? use : `to confirm ${(use as { action: string }).action}`;
const passkey = {
  kind: 'passkey',
  passkeyId: new Uint8Array(20).fill(1),
  salt: new Uint8Array(32),
  prfOutput: new Uint8Array(32).fill(3),
};
const refusal = { code: 'VAULT_UNAVAILABLE', message: 'The key was not opened for that.' };
const closed = { code: 'VAULT_UNAVAILABLE', message: 'The key has been closed.' };

afterEach(() => void vi.useRealTimers());

class ScriptedVault {
  readonly server = new FakePinServer();
  readonly records = new MemoryRecordStore();
  readonly #waiting = new Map<number, (answer: VaultAnswer) => void>();
  readonly #worker: LocalWorker;
  #lastId = 0;
  /** The reply to a question of the vault. */
  answer: (question: PinAssistQuestion) => Promise<VaultReply['reply']> = this.server.assist;

  constructor(
    open: (cost?: Argon2idParameters) => KeyStorage = () =>
      new VaultKeyStorage(this.records, { argon2, origin }),
  ) {
    this.#worker = localWorker(open);
    this.#worker.onmessage = ({ data }: MessageEvent<VaultAnswer>) => void this.#receive(data);
  }

  /** Post any call, and give the answer's result, or throw its error. */
  async ask(method: string, ...args: unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = await new Promise<VaultAnswer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, method, args });
    });
    if ('error' in answer) throw answer.error;
    return 'result' in answer ? answer.result : undefined;
  }

  prove(key: KeyHandle, request: object): Promise<Uint8Array> {
    return this.ask('prove', key.handle, request) as Promise<Uint8Array>;
  }

  unlock(use: KeyUse, secret: object = under(pin), credentialId = this.credentialId): Promise<KeyHandle> {
    return this.ask('unlock', name, credentialId, secret, use) as Promise<KeyHandle>;
  }

  credentialId = '';

  /** The challenge of the last answer. */
  get issued(): IssuedChallenge {
    return this.server.issued.at(-1) ?? newChallenge();
  }

  async #receive(answer: VaultAnswer): Promise<void> {
    if (!('question' in answer)) {
      this.#waiting.get(answer.id)?.(answer);
      return;
    }
    const reply = await this.answer(answer.question);
    this.#worker.postMessage({ id: answer.id, reply });
  }
}

const under = (secret: string, assisted = true): object => ({ kind: 'pin', pin: secret, assisted });

/** A vault with an active key under a PIN that needs the server's help. */
async function vaultWithKey(): Promise<ScriptedVault & { publicKey: Uint8Array; pinId: Uint8Array }> {
  const vault = new ScriptedVault();
  await vault.ask('configure', argon2, clientVersion);
  const made = (await vault.ask('generateAndStore', name, under(pin))) as KeyHandle;
  await vault.ask('dispose', made.handle);
  await vault.ask('activateKey', name, made.credentialId);
  const [slot] = (await vault.ask('listSlots', name, made.credentialId)) as { pinId: Uint8Array }[];
  const { credentialId, publicKey } = made;
  return Object.assign(vault, { credentialId, publicKey, pinId: slot?.pinId as Uint8Array });
}

/** Whether a proof is by this key over exactly this message. */
function isOver(
  key: KeyHandle,
  proof: Uint8Array,
  { purpose, context, issued }: { purpose: Purpose; context: Uint8Array; issued: IssuedChallenge },
): boolean {
  const bound = { purpose, origin, ...name, credentialId: key.credentialId, ...issued, context };
  return verifyProof(key.publicKey, buildMessage(bound), proof);
}

const returned = confirmContext({ action: returnTryAction, payload: new Uint8Array(0) });
const openedKey = confirmContext({ action: openKeyAction, payload: new Uint8Array(0) });
const everyRequest: ProofRequest['for'][] = [
  'register',
  'login',
  'confirm',
  'open-key',
  'return',
  'rotate-key',
  'change-pin',
];

describe('a key that is opened', () => {
  const acts: [use: KeyUse, own: ProofRequest['for'] | null, purpose: Purpose, context: Uint8Array][] = [
    ['check', null, 'confirm', new Uint8Array(0)],
    ['login', 'login', 'login', loginContext({ sessionKey })],
    ['open-key', 'open-key', 'confirm', openedKey],
    ['change-pin', 'open-key', 'confirm', openedKey],
    ['add-passkey', 'open-key', 'confirm', openedKey],
    ['export', 'open-key', 'confirm', openedKey],
    [confirmation, 'confirm', 'confirm', confirmContext({ action: 'pay', payload, sessionKey })],
    [
      { action: deleteAccountAction, payload, sessionKey },
      'confirm',
      'confirm',
      confirmContext({ action: deleteAccountAction, payload, sessionKey }),
    ],
  ];

  it.each(acts.map((act) => [nameOf(act[0]), ...act] as const))(
    'for %s proves this once, and the return of its try once',
    async (_, use, own, purpose, context) => {
      const vault = await vaultWithKey();
      for (const request of everyRequest) {
        const key = await vault.unlock(use);
        const { issued } = vault;
        const asked = { ...issued, for: request, sessionKey, oldPinId: vault.pinId };
        if (request !== own && request !== 'return') {
          await expect(vault.prove(key, asked), request).rejects.toEqual(refusal);
          await expect(vault.prove(key, { ...asked, for: own ?? 'return' })).rejects.toEqual(closed);
          continue;
        }
        const proof = await vault.prove(key, asked);
        const over =
          request === 'return' ? { purpose: 'confirm' as const, context: returned } : { purpose, context };
        expect(isOver(key, proof, { ...over, issued })).toBe(true);
        await expect(vault.prove(key, asked), `${request} again`).rejects.toMatchObject({
          code: 'VAULT_UNAVAILABLE',
        });
      }
    },
  );

  it.each([openKeyAction, returnTryAction, 'zkp-auth:of-a-later-release'])(
    'is not opened to confirm %s, which is no change of the account',
    async (action) => {
      const vault = await vaultWithKey();
      await expect(vault.unlock({ action, payload, sessionKey })).rejects.toEqual(refusal);
    },
  );

  it('by its making proves one registration, with the pinId that it was sealed under', async () => {
    const vault = await vaultWithKey();
    const key = (await vault.ask('generateAndStore', { ...name }, under(pin))) as KeyHandle;
    const { issued } = vault;
    const [, slot] = (await vault.ask('listKeys')) as { credentialId: string }[];
    expect(slot).toBeDefined();
    const [{ pinId } = { pinId: new Uint8Array(0) }] = (await vault.ask(
      'listSlots',
      name,
      key.credentialId,
    )) as { pinId: Uint8Array }[];
    const forged = { pinId: new Uint8Array(16), publicKey: vault.publicKey };
    const proof = await vault.prove(key, { ...issued, for: 'register', sessionKey, ...forged });
    const context = registerContext({ publicKey: key.publicKey, pinId, sessionKey });
    expect(isOver(key, proof, { purpose: 'register', context, issued })).toBe(true);
    await expect(vault.prove(key, { ...issued, for: 'register', sessionKey })).rejects.toEqual(closed);
  });

  it.each([
    ['bytes', randomBytes(32)],
    ['a purpose', { ...newChallenge(), purpose: 'rotate-key' }],
    ['an act that no object of ours has', { ...newChallenge(), for: 'toString' }],
    [
      'a challenge of another length',
      { ...newChallenge(), challenge: new Uint8Array(31), for: 'login', sessionKey },
    ],
    ['a challenge that is text', { ...newChallenge(), challenge: 'x'.repeat(32), for: 'login', sessionKey }],
    ['an id that is none', { ...newChallenge(), challengeId: 'x', for: 'login', sessionKey }],
  ])('proves nothing over %s, and is closed by that', async (_, request) => {
    const vault = await vaultWithKey();
    const key = await vault.unlock('login');
    await expect(vault.prove(key, request)).rejects.toEqual(refusal);
    const own = { ...vault.issued, for: 'login', sessionKey };
    await expect(vault.prove(key, own)).rejects.toEqual(closed);
  });

  it('binds no session key that is none', async () => {
    const vault = await vaultWithKey();
    for (const bad of [undefined, new Uint8Array(31), 'x'.repeat(32)]) {
      const key = await vault.unlock('login');
      const asked = { ...vault.issued, for: 'login', sessionKey: bad };
      await expect(vault.prove(key, asked)).rejects.toEqual(refusal);
    }
  });

  it('takes no origin, audience, user, credential or context from its page', async () => {
    const vault = await vaultWithKey();
    const key = await vault.unlock('login');
    const { issued } = vault;
    const proof = await vault.prove(key, {
      ...issued,
      for: 'login',
      sessionKey,
      purpose: 'rotate-key',
      origin: 'https://evil.example',
      audience: 'https://evil.example',
      userId: 'mallory',
      credentialId: 'AAAAAAAAAAAAAAAAAAAAAA',
      context: new Uint8Array(34),
    });
    const context = loginContext({ sessionKey });
    expect(isOver(key, proof, { purpose: 'login', context, issued })).toBe(true);
  });

  it('proves for the challenge of its own try only, so that one try is given back and no other', async () => {
    const vault = await vaultWithKey();
    for (const request of ['return', 'login'] as const) {
      const key = await vault.unlock('login');
      const asked = { ...newChallenge(), for: request, sessionKey };
      await expect(vault.prove(key, asked)).rejects.toEqual(refusal);
    }
  });

  it('is nobody else’s: neither another user’s record nor one that was changed opens', async () => {
    const vault = await vaultWithKey();
    const other = { userId: 'bob', audience: 'https://evil.example' };
    const [stored] = (await vault.records.list()) as [StoredKeys];
    await vault.records.put('https://evil.example bob', {
      ...stored,
      ...other,
      active: { ...(stored.active as object), ...other },
    });
    const opened = vault.ask('unlock', other, vault.credentialId, under(pin), 'login');
    await expect(opened).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });

  it('closes after ten minutes', async () => {
    const vault = await vaultWithKey();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const key = await vault.unlock('login');
    vi.advanceTimersByTime(10 * 60_000);
    const asked = { ...vault.issued, for: 'login', sessionKey };
    await expect(vault.prove(key, asked)).rejects.toEqual(closed);
  });

  const noUses = [
    'prove',
    'import',
    'renewed slot',
    '__proto__',
    { action: openKeyAction, payload, sessionKey },
    { action: returnTryAction, payload, sessionKey },
    { action: 'pay', payload, sessionKey: new Uint8Array(31) },
  ];
  it.each(noUses.map((use) => [nameOf(use), use] as const))(
    'for %s by nobody, and no try is spent on it',
    async (_, use) => {
      const vault = await vaultWithKey();
      vault.server.asked.length = 0;
      await expect(vault.unlock(use as KeyUse)).rejects.toEqual(refusal);
      expect(vault.server.asked).toEqual([]);
    },
  );
});

it('a vault is configured once: what a script says later of the cost changes nothing', async () => {
  const records = new MemoryRecordStore();
  const costs: unknown[] = [];
  const vault = new ScriptedVault((cost) => {
    costs.push(cost);
    return new VaultKeyStorage(records, { argon2, origin });
  });
  await vault.ask('configure', undefined, clientVersion);
  await vault.ask('configure', argon2, clientVersion);
  await expect(vault.ask('configure', argon2, '0.0.0')).resolves.toEqual({ version: clientVersion });
  await expect(vault.ask('listKeys')).resolves.toEqual([]);
  expect(costs).toEqual([undefined]);
});

describe('the renewal of a login', () => {
  const login = async (vault: ScriptedVault, key: KeyHandle): Promise<void> => {
    await vault.prove(key, { ...vault.issued, for: 'login', sessionKey });
  };

  it('is one slot under the same PIN, and one proof of its pinId', async () => {
    const vault = await vaultWithKey();
    const key = await vault.unlock('login');
    await login(vault, key);
    const { pinId } = (await vault.ask('addSlot', key.handle, under(pin))) as { pinId: Uint8Array };
    const { issued } = vault;
    const asked = { ...issued, for: 'change-pin', oldPinId: vault.pinId, newPinId: new Uint8Array(16) };
    const proof = await vault.prove(key, asked);
    const context = changePinContext({ oldPinId: vault.pinId, newPinId: pinId });
    expect(isOver(key, proof, { purpose: 'change-pin', context, issued })).toBe(true);
    await expect(vault.prove(key, asked)).rejects.toEqual(closed);
    await expect(vault.ask('addSlot', key.handle, under(pin))).rejects.toEqual(closed);
  });

  it.each([
    ['another PIN', 'addSlot', under('738294')],
    ['the PIN without the server', 'addSlot', under(pin, false)],
    ['a passkey', 'addSlot', passkey],
    ['a passphrase', 'addSlot', { kind: 'passphrase', passphrase: 'of the script' }],
    ['a file', 'exportBlob', under(pin)],
    ['a successor, though the key is to stay', 'generateSuccessor', under(pin)],
    ['being kept as an imported one', 'saveKey', { replace: true }],
  ])('is not %s', async (_, method, secret) => {
    const vault = await vaultWithKey();
    const key = await vault.unlock('login');
    await login(vault, key);
    await expect(vault.ask(method, key.handle, secret)).rejects.toEqual(refusal);
    await expect(vault.ask('addSlot', key.handle, under(pin))).rejects.toEqual(closed);
    expect(await vault.ask('listSlots', name, vault.credentialId)).toHaveLength(1);
  });

  it('is not made before the login, nor twice, nor with another slot to retire', async () => {
    const vault = await vaultWithKey();
    const early = await vault.unlock('login');
    await expect(vault.ask('addSlot', early.handle, under(pin))).rejects.toEqual(refusal);
    const twice = await vault.unlock('login');
    await login(vault, twice);
    const [first, second] = await Promise.allSettled([
      vault.ask('addSlot', twice.handle, under(pin)),
      vault.ask('addSlot', twice.handle, under(pin)),
    ]);
    expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
    expect(await vault.ask('listSlots', name, vault.credentialId)).toHaveLength(1);
    for (const oldPinId of [null, new Uint8Array(16), 'x'.repeat(16)]) {
      const key = await vault.unlock('login');
      await login(vault, key);
      const { id } = (await vault.ask('addSlot', key.handle, under(pin))) as { id: string };
      const asked = { ...vault.issued, for: 'change-pin', oldPinId };
      await expect(vault.prove(key, asked)).rejects.toEqual(refusal);
      await vault.ask('removeSlot', name, vault.credentialId, id);
    }
  });

  it('is none after a passkey', async () => {
    const vault = await vaultWithKey();
    const change = await vault.unlock('add-passkey');
    await vault.ask('addSlot', change.handle, { ...passkey });
    const key = await vault.unlock('login', { ...passkey });
    await vault.prove(key, { ...newChallenge(), for: 'login', sessionKey });
    await expect(vault.ask('addSlot', key.handle, under(pin))).rejects.toEqual(closed);
  });
});

describe('a key that is replaced', () => {
  /** The key comes from the first generation, as its record says. */
  const old = async () => {
    const vault = await vaultWithKey();
    const id = `${name.audience} ${name.userId}`;
    const stored = (await vault.records.get(id)) as StoredKeys;
    await vault.records.put(id, { ...stored, mustRotate: true });
    return vault;
  };
  const login = async (vault: ScriptedVault): Promise<KeyHandle> => {
    const key = await vault.unlock('login');
    await vault.prove(key, { ...vault.issued, for: 'login', sessionKey });
    return key;
  };

  it('proves for the key that the vault made in its place, once, as that does', async () => {
    const vault = await old();
    const key = await login(vault);
    const successor = (await vault.ask('generateSuccessor', key.handle, under(pin))) as KeyHandle;
    const { issued } = vault;
    const [{ pinId } = { pinId: new Uint8Array(0) }] = (await vault.ask(
      'listSlots',
      name,
      successor.credentialId,
    )) as { pinId: Uint8Array }[];
    const context = newKeyContext({ newPublicKey: successor.publicKey, newPinId: pinId });
    const asked = { ...issued, for: 'rotate-key', newPublicKey: randomBytes(32), newPinId: randomBytes(16) };
    for (const each of [key, successor]) {
      const proof = await vault.prove(each, asked);
      expect(isOver(each, proof, { purpose: 'rotate-key', context, issued })).toBe(true);
    }
    await expect(vault.prove(key, asked)).rejects.toEqual(refusal);
    await expect(vault.prove(successor, asked)).rejects.toEqual(refusal);
  });

  it.each([
    ['another PIN', under('738294')],
    ['the PIN without the server', under(pin, false)],
    ['a passphrase', { kind: 'passphrase', passphrase: 'of the script' }],
  ])('has no successor under %s', async (_, secret) => {
    const vault = await old();
    const key = await login(vault);
    await expect(vault.ask('generateSuccessor', key.handle, secret)).rejects.toEqual(refusal);
    expect(await vault.ask('listKeys')).toHaveLength(1);
  });

  it('has one successor, and none before it has proven', async () => {
    const vault = await old();
    const early = await vault.unlock('login');
    await expect(vault.ask('generateSuccessor', early.handle, under(pin))).rejects.toEqual(refusal);
    const key = await login(vault);
    await vault.ask('generateSuccessor', key.handle, under(pin));
    await expect(vault.ask('generateSuccessor', key.handle, under(pin))).rejects.toEqual(refusal);
  });
});

describe('a change', () => {
  it('retires each slot of the record once, and none that is not there', async () => {
    const vault = await vaultWithKey();
    const key = await vault.unlock('change-pin');
    await vault.prove(key, { ...vault.issued, for: 'open-key' });
    await vault.ask('exportBlob', key.handle, under('738294'));
    const retired = { ...vault.issued, for: 'change-pin', oldPinId: vault.pinId };
    await vault.prove(key, retired);
    await expect(vault.ask('exportBlob', key.handle, under('738294'))).rejects.toEqual(refusal);

    const again = await vault.unlock('change-pin');
    await vault.ask('addSlot', again.handle, under('738294'));
    const unknown = { ...vault.issued, for: 'change-pin', oldPinId: new Uint8Array(16) };
    await expect(vault.prove(again, unknown)).rejects.toEqual(refusal);
  });

  it('that exports gives one file, and retires nothing', async () => {
    const vault = await vaultWithKey();
    const key = await vault.unlock('export');
    await vault.ask('exportBlob', key.handle, under(pin));
    const asked = { ...vault.issued, for: 'change-pin', oldPinId: vault.pinId };
    await expect(vault.prove(key, asked)).rejects.toEqual(refusal);
    const twice = await vault.unlock('export');
    await vault.ask('exportBlob', twice.handle, under(pin));
    await expect(vault.ask('exportBlob', twice.handle, under(pin))).rejects.toEqual(refusal);
  });
});

describe('a question whose answer was lost', () => {
  /** The vault, after the answer to the person's question was lost. The script has seen the question. */
  const lost = async () => {
    const vault = await vaultWithKey();
    const { assist } = vault.server;
    const ask = async (entered: string, failed: ErrorCode | null): Promise<string> => {
      let question: string | undefined;
      vault.answer = async ({ blinded }) => {
        question = encodeBase64url(blinded);
        return { failed };
      };
      await expect(vault.unlock('check', under(entered))).rejects.toBeDefined();
      vault.answer = assist;
      return question as string;
    };
    return { vault, ask, question: await ask(pin, null) };
  };

  it('is asked again for the same PIN, after three other PINs too', async () => {
    const { ask, question } = await lost();
    for (const other of ['738294', '295871', '614930']) await ask(other, 'PIN_WAIT');
    expect(await ask(pin, null)).toBe(question);
    expect(await ask(pin, null)).toBe(question);
  });

  it('does not let a script find the PIN by asking for one PIN after another, without the server', async () => {
    const { vault, ask, question } = await lost();
    const others = Array.from({ length: 6 }, (_, n) => String(314_200 + 17 * n));
    for (const other of others) expect(await ask(other, 'PIN_WAIT')).not.toBe(question);
    expect(await ask(pin, 'PIN_WAIT')).not.toBe(question);
    await vault.unlock('check');
  });
});

it('a vault that does not know its origin proves nothing to a page that speaks to it in messages', async () => {
  const records = new MemoryRecordStore();
  for (const wrong of ['null', 'blob:https://app.example', 'http://app.example', 'https://app.example/']) {
    expect(() => new VaultKeyStorage(records, { argon2, origin: wrong })).toThrow(TypeError);
  }
  const answers: VaultAnswer[] = [];
  const port = { onmessage: null, postMessage: (answer: VaultAnswer) => void answers.push(answer) };
  serveVault(port, () => new VaultKeyStorage(records, { argon2 }));
  const post = async (id: number, method: string, ...args: unknown[]): Promise<VaultAnswer> => {
    (port.onmessage as unknown as (event: unknown) => void)({ data: { id, method, args } });
    return vi.waitUntil(() => answers.find((answer) => answer.id === id), 10_000);
  };
  await post(1, 'configure', argon2, clientVersion);
  const made = (await post(2, 'generateAndStore', name, under(pin, false))) as { result: KeyHandle };
  const asked = { ...newChallenge(), for: 'register', sessionKey, origin };
  expect(await post(3, 'prove', made.result.handle, asked)).toEqual({ id: 3, error: refusal });
});
