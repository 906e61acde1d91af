import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LocalSlot } from '../storage/local-key.js';
import { createPasskeySecret } from './create-passkey-secret.js';
import { getPasskeySecret, passkeyTools } from './passkey-secrets.js';

const passkeyId = Uint8Array.of(1, 2, 3);
const salt = new Uint8Array(32).fill(5);
const slot: LocalSlot = { id: 'x', kind: 'passkey', pinId: null, passkeyId, salt };
const output = new Uint8Array(32).fill(9);

type Prf = object | Error | undefined;
const gives = (fill: number): object => ({ results: { first: new Uint8Array(32).fill(fill).buffer } });

/** A browser with an authenticator that answers with these PRF results. The last result of a list repeats for ever. */
function browser(prompts: { create?: Prf; get?: Prf | Prf[]; transports?: string[] }) {
  const { transports } = prompts;
  const answer = (given: Prf | Prf[]) => {
    const results = Array.isArray(given) ? [...given] : [given];
    return async (options: unknown) => {
      void options;
      const prf = results.length > 1 ? results.shift() : results[0];
      if (prf instanceof Error) throw prf;
      return {
        id: 'AQID',
        rawId: passkeyId.buffer,
        response: transports === undefined ? {} : { getTransports: () => transports },
        getClientExtensionResults: () => ({ prf }),
      };
    };
  };
  const credentials = { create: vi.fn(answer(prompts.create)), get: vi.fn(answer(prompts.get)) };
  const signalUnknownCredential = vi.fn(async (options: unknown): Promise<void> => void options);
  vi.stubGlobal('navigator', { credentials });
  vi.stubGlobal('PublicKeyCredential', { signalUnknownCredential });
  vi.stubGlobal('location', { hostname: 'app.example' });
  return { ...credentials, signalUnknownCredential };
}

const named = (name: string): Error => Object.assign(new Error(name), { name });
const create = () =>
  createPasskeySecret(passkeyTools, { userId: 'alice', siteName: 'Notes', slots: [slot], signal: undefined });

afterEach(() => vi.unstubAllGlobals());

describe('unlocking by passkey', () => {
  it('asks for the passkeys of the slots, each with its own input, and for the person to be verified', async () => {
    const { get } = browser({ get: { results: { first: output.buffer } } });
    const secret = await getPasskeySecret([slot], undefined);
    expect(secret).toEqual({ kind: 'passkey', passkeyId, salt, prfOutput: output });
    expect(get.mock.calls[0]?.[0]).toMatchObject({
      publicKey: {
        allowCredentials: [{ type: 'public-key', id: passkeyId }],
        userVerification: 'required',
        extensions: { prf: { evalByCredential: { AQID: { first: salt } } } },
      },
    });
  });

  it('without a passkey slot prompts nobody', async () => {
    const { get } = browser({});
    await expect(getPasskeySecret([], undefined)).rejects.toMatchObject({ code: 'SLOT_NOT_FOUND' });
    expect(get).not.toHaveBeenCalled();
  });

  it.each([
    [{ get: {} }, 'PASSKEY_UNSUPPORTED'],
    [{ get: { results: { first: new Uint8Array(16).buffer } } }, 'PASSKEY_UNSUPPORTED'],
    [{ get: named('NotAllowedError') }, 'PASSKEY_CANCELLED'],
    [{ get: named('SecurityError') }, 'PASSKEY_UNSUPPORTED'],
  ])('%j is %s', async (prompts, expected) => {
    browser(prompts);
    await expect(getPasskeySecret([slot], undefined)).rejects.toMatchObject({ code: expected });
  });

  it('where there is no WebAuthn is PASSKEY_UNSUPPORTED', async () => {
    vi.stubGlobal('PublicKeyCredential', undefined);
    await expect(getPasskeySecret([slot], undefined)).rejects.toMatchObject({ code: 'PASSKEY_UNSUPPORTED' });
  });

  it('an abort is the signal’s reason', async () => {
    browser({ get: named('AbortError') });
    const reason = new Error('enough');
    await expect(getPasskeySecret([slot], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('making a passkey', () => {
  it('asks for a PRF, a verified person, and none of the passkeys that there are', async () => {
    const made = browser({ create: { enabled: true, ...gives(9) }, get: gives(9) });
    const secret = await create();
    expect(secret).toMatchObject({ kind: 'passkey', passkeyId, prfOutput: output });
    expect(secret.salt).toHaveLength(32);
    expect(made.get).toHaveBeenCalledTimes(1);
    expect(made.create.mock.calls[0]?.[0]).toMatchObject({
      publicKey: {
        rp: { name: 'Notes' },
        user: { name: 'alice' },
        excludeCredentials: [{ type: 'public-key', id: passkeyId }],
        authenticatorSelection: { userVerification: 'required' },
        extensions: { prf: { eval: { first: secret.salt } } },
      },
    });
  });

  it('seals what the passkey gives when it is used, if it gave something else when it was made', async () => {
    const made = browser({ create: { enabled: true, ...gives(7) }, get: gives(9) });
    await expect(create()).resolves.toMatchObject({ prfOutput: output });
    expect(made.get).toHaveBeenCalledTimes(2);
    expect(made.signalUnknownCredential).not.toHaveBeenCalled();
  });

  it.each([
    ['another secret each time', [gives(8), gives(9)], 'PASSKEY_UNSUPPORTED'],
    ['the first secret again at last', [gives(8), gives(7)], 'PASSKEY_UNSUPPORTED'],
    ['no secret when it is used', [{}], 'PASSKEY_UNSUPPORTED'],
    ['a prompt that is closed', [named('NotAllowedError')], 'PASSKEY_CANCELLED'],
    ['a second prompt that is closed', [gives(8), named('NotAllowedError')], 'PASSKEY_CANCELLED'],
  ])('that gives %s is refused, and not left behind', async (_, get, expected) => {
    const made = browser({ create: { enabled: true, ...gives(7) }, get });
    await expect(create()).rejects.toMatchObject({ code: expected });
    expect(made.signalUnknownCredential).toHaveBeenCalledWith({
      rpId: 'app.example',
      credentialId: 'AQID',
    });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['is never answered', () => new Promise<void>(() => undefined)],
  ])('says why it was refused, also if the signal %s', async (_, answer) => {
    const made = browser({ create: { enabled: false } });
    made.signalUnknownCredential.mockImplementation(answer);
    await expect(create()).rejects.toMatchObject({ code: 'PASSKEY_UNSUPPORTED' });
    expect(made.signalUnknownCredential).toHaveBeenCalledTimes(1);
  });

  it('keeps how it is reached, and asks for it and leaves it out so', async () => {
    const transports = ['internal', 'hybrid'];
    const made = browser({ create: { enabled: true }, get: gives(9), transports });
    const secret = await create();
    expect(secret.transports).toEqual(transports);
    expect(made.get.mock.calls[0]?.[0]).toMatchObject({
      publicKey: { allowCredentials: [{ type: 'public-key', id: passkeyId, transports }] },
    });
    const known = { ...slot, transports };
    await createPasskeySecret(passkeyTools, {
      userId: 'alice',
      siteName: undefined,
      slots: [known],
      signal: undefined,
    });
    expect(made.create.mock.calls[1]?.[0]).toMatchObject({
      publicKey: { excludeCredentials: [{ type: 'public-key', id: passkeyId, transports }] },
    });
    await getPasskeySecret([known], undefined);
    expect(made.get.mock.calls[2]?.[0]).toMatchObject({
      publicKey: { allowCredentials: [{ type: 'public-key', id: passkeyId, transports }] },
    });
  });

  it.each([{ transports: [] }, {}])('%j says nothing of how it is reached', async (reached) => {
    const made = browser({ create: { enabled: true }, get: gives(9), ...reached });
    expect(await create()).not.toHaveProperty('transports');
    const [asked] = made.get.mock.calls[0] as [{ publicKey: { allowCredentials: object[] } }];
    expect(asked.publicKey.allowCredentials).toEqual([{ type: 'public-key', id: passkeyId }]);
  });

  it('asks again where the authenticator gives the secret only then', async () => {
    const made = browser({ create: { enabled: true }, get: { results: { first: output.buffer } } });
    const secret = await create();
    expect(secret.prfOutput).toEqual(output);
    expect(made.get.mock.calls[0]?.[0]).toMatchObject({
      publicKey: { extensions: { prf: { evalByCredential: { AQID: { first: secret.salt } } } } },
    });
  });

  it.each([{}, { enabled: false }])(
    'on an authenticator without PRF (%j) leaves none behind',
    async (prf) => {
      const made = browser({ create: prf });
      await expect(create()).rejects.toMatchObject({ code: 'PASSKEY_UNSUPPORTED' });
      expect(made.signalUnknownCredential).toHaveBeenCalledWith({
        rpId: 'app.example',
        credentialId: 'AQID',
      });
    },
  );

  it.each([
    ['NotAllowedError', 'PASSKEY_CANCELLED'],
    ['InvalidStateError', 'PASSKEY_UNSUPPORTED'],
    ['NotSupportedError', 'PASSKEY_UNSUPPORTED'],
  ])('%s is %s', async (name, expected) => {
    browser({ create: named(name) });
    await expect(create()).rejects.toMatchObject({ code: expected });
  });
});
