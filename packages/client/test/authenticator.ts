import { createHmac, randomBytes } from 'node:crypto';
import { vi } from 'vitest';

interface Asked {
  publicKey: {
    allowCredentials?: { id: Uint8Array }[];
    extensions: {
      prf: { eval?: { first: Uint8Array }; evalByCredential?: Record<string, { first: Uint8Array }> };
    };
  };
}

/** A browser with an authenticator that makes passkeys with a PRF. It keeps lists of its prompts and its signals. */
export class Authenticator {
  readonly prompts: string[] = [];
  /** The passkeys that it made, in base64url. */
  readonly passkeys: string[] = [];
  /** The passkeys of which it was told that they are not in use, in base64url. */
  readonly signalled: string[] = [];
  /** Whether the person closes the next prompts. */
  cancels = false;
  /** The answer to a signal. */
  answerSignal: () => Promise<void> = async () => undefined;
  #secret = randomBytes(32);

  constructor() {
    const credentials = {
      create: async ({ publicKey }: Asked) => {
        const { eval: input } = publicKey.extensions.prf;
        const id = randomBytes(16);
        const made = this.#answer('create', id, input?.first);
        this.passkeys.push(id.toString('base64url'));
        return made;
      },
      get: async ({ publicKey }: Asked) => {
        const [{ id }] = publicKey.allowCredentials as [{ id: Uint8Array }];
        const inputs = publicKey.extensions.prf.evalByCredential;
        return this.#answer('get', id, inputs?.[Buffer.from(id).toString('base64url')]?.first);
      },
    };
    vi.stubGlobal('navigator', { credentials });
    vi.stubGlobal('PublicKeyCredential', {
      signalUnknownCredential: ({ rpId, credentialId }: Record<'rpId' | 'credentialId', string>) => {
        if (rpId === 'app.example') this.signalled.push(credentialId);
        return this.answerSignal();
      },
    });
    vi.stubGlobal('location', {
      hostname: 'app.example',
      origin: 'https://app.example',
      href: 'https://app.example/',
    });
  }

  /** From now on its passkeys give different secrets, as after a reset. */
  reset(): void {
    this.#secret = randomBytes(32);
  }

  #answer(prompt: string, rawId: Uint8Array, salt: Uint8Array | undefined): object {
    this.prompts.push(prompt);
    if (this.cancels) throw Object.assign(new Error('closed'), { name: 'NotAllowedError' });
    const hmac = createHmac('sha256', this.#secret).update(rawId);
    const first = salt && Uint8Array.from(hmac.update(salt).digest()).buffer;
    return {
      id: Buffer.from(rawId).toString('base64url'),
      rawId: Uint8Array.from(rawId).buffer,
      response: {},
      getClientExtensionResults: () => ({ prf: { enabled: true, results: { first } } }),
    };
  }
}
