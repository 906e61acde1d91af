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

/** Make a page with an authenticator that creates passkeys with a PRF. It knows every passkey that was made. */
export function stubAuthenticator(): void {
  const secret = randomBytes(32);
  const answer = (rawId: Uint8Array, salt: Uint8Array | undefined, made: object) => {
    const first =
      salt && Uint8Array.from(createHmac('sha256', secret).update(rawId).update(salt).digest()).buffer;
    const results = first === undefined ? {} : { results: { first } };
    return {
      id: Buffer.from(rawId).toString('base64url'),
      rawId: Uint8Array.from(rawId).buffer,
      response: { getTransports: () => ['internal'] },
      getClientExtensionResults: () => ({ prf: { ...made, ...results } }),
    };
  };
  const credentials = {
    create: async ({ publicKey }: Asked) =>
      answer(randomBytes(16), publicKey.extensions.prf.eval?.first, { enabled: true }),
    get: async ({ publicKey: { allowCredentials = [], extensions } }: Asked) => {
      const [{ id }] = allowCredentials as [{ id: Uint8Array }];
      return answer(id, extensions.prf.evalByCredential?.[Buffer.from(id).toString('base64url')]?.first, {});
    },
  };
  vi.stubGlobal('navigator', { credentials });
  vi.stubGlobal('PublicKeyCredential', {});
}
