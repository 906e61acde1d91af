import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LocalSlot } from '../storage/key-storage.js';
import { createPasskeySecret } from './create-passkey-secret.js';
import { getPasskeySecret } from './get-passkey-secret.js';

const passkeyId = Uint8Array.of(1, 2, 3);
const salt = new Uint8Array(32).fill(5);
const slot: LocalSlot = { id: 'x', kind: 'passkey', pinId: null, passkeyId, salt };
const output = new Uint8Array(32).fill(9);

/** A browser whose authenticator answers with these PRF results. */
function browser(prompts: { create?: object | Error; get?: object | Error }) {
  const answer = (prf: object | Error | undefined) => async (options: unknown) => {
    void options;
    if (prf instanceof Error) throw prf;
    return { id: 'AQID', rawId: passkeyId.buffer, getClientExtensionResults: () => ({ prf }) };
  };
  const credentials = { create: vi.fn(answer(prompts.create)), get: vi.fn(answer(prompts.get)) };
  const signalUnknownCredential = vi.fn(async (options: unknown) => void options);
  vi.stubGlobal('navigator', { credentials });
  vi.stubGlobal('PublicKeyCredential', { signalUnknownCredential });
  vi.stubGlobal('location', { hostname: 'app.example' });
  return { ...credentials, signalUnknownCredential };
}

const named = (name: string): Error => Object.assign(new Error(name), { name });
const create = () =>
  createPasskeySecret({ userId: 'alice', siteName: 'Notes', slots: [slot], signal: undefined });

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
    const made = browser({ create: { enabled: true, results: { first: output.buffer } } });
    const secret = await create();
    expect(secret).toMatchObject({ kind: 'passkey', passkeyId, prfOutput: output });
    expect(secret.salt).toHaveLength(32);
    expect(made.get).not.toHaveBeenCalled();
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
