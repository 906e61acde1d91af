import { wipe, ZkpAuthError } from '@zkp-auth/core';
import type { LocalSlot } from '../storage/local-key.js';
import { getPasskeySecret, type PasskeySecret } from './get-passkey-secret.js';
import type { PasskeyTools } from './passkey-tools.js';
import { signalUnknown } from './signal-unused.js';
import { credentialsContainer, descriptorsOf, prfOf, prfOutputOf, prompted } from './web-authn.js';

const unsteady =
  'The passkey gives another secret each time, so it cannot open the key. Use another authenticator.';

/** ES256, EdDSA, RS256. Every authenticator supports one of them. We use none of them to sign. */
const algorithms = [-7, -8, -257];

/** Length in bytes of the PRF's input. */
const saltLength = 32;

/**
 * Ask the person to create a passkey, and take a secret from its PRF. The secret is always requested once more, in the
 * same way as at a later login. Some authenticators give no secret when a passkey is created, and some give a different
 * one then.
 *
 * @param siteName shown by the browser; default the page's host.
 * @param slots an authenticator with a passkey of one of these slots does not create a second one.
 * @throws `PASSKEY_UNSUPPORTED`, `PASSKEY_CANCELLED`.
 */
export async function createPasskeySecret(
  tools: PasskeyTools,
  options: {
    userId: string;
    siteName: string | undefined;
    slots: readonly LocalSlot[];
    signal: AbortSignal | undefined;
  },
): Promise<PasskeySecret> {
  const { randomBytes } = tools;
  const { userId, slots, signal } = options;
  const container = credentialsContainer();
  const salt = randomBytes(saltLength);
  const publicKey = {
    rp: { name: options.siteName ?? globalThis.location.hostname },
    user: { id: randomBytes(32), name: userId, displayName: userId },
    challenge: randomBytes(32),
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: descriptorsOf(slots),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    extensions: { prf: { eval: { first: salt } } },
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = await prompted(
    container.create(signal === undefined ? { publicKey } : { publicKey, signal }),
    signal,
  );
  try {
    return await readSecret(tools, { credential, salt, signal });
  } catch (error) {
    signalUnknown(credential.id);
    throw error;
  }
}

/** The secret that the new passkey gives when it is used. */
async function readSecret(
  tools: PasskeyTools,
  made: { credential: PublicKeyCredential; salt: Uint8Array; signal: AbortSignal | undefined },
): Promise<PasskeySecret> {
  const { credential, salt, signal } = made;
  if (prfOf(credential)?.enabled !== true) throw new ZkpAuthError('PASSKEY_UNSUPPORTED');
  const transports = transportsOf(credential);
  const hint = transports.length === 0 ? {} : { transports };
  const passkeyId = new Uint8Array(credential.rawId);
  const slot: LocalSlot = { id: '', kind: 'passkey', pinId: null, passkeyId, salt, ...hint };
  const first = prfOutputOf(credential);
  const secret = await getPasskeySecret(tools, [slot], signal);
  /** Whether another output equals the secret. The output is wiped, because it has no further use. */
  const isRepeated = (answer: Uint8Array): boolean => {
    const repeated = tools.constantTimeEqual(answer, secret.prfOutput);
    wipe(answer);
    return repeated;
  };
  try {
    if (first !== null && !isRepeated(first)) {
      const again = await getPasskeySecret(tools, [slot], signal);
      if (!isRepeated(again.prfOutput)) throw new ZkpAuthError('PASSKEY_UNSUPPORTED', unsteady);
    }
    return { ...secret, ...hint };
  } catch (error) {
    wipe(secret.prfOutput);
    throw error;
  }
}

function transportsOf({ response }: PublicKeyCredential): string[] {
  return (response as Partial<AuthenticatorAttestationResponse> | undefined)?.getTransports?.() ?? [];
}
