import { encodeBase64url } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';

/** A credential, for the owner or an operator to see. It is plain JSON. */
export interface ListedCredential extends Omit<Credential, 'publicKey'> {
  /** 32 bytes in base64url. */
  publicKey: string;
}

/** The live and pending credentials of a user, and the twenty that were revoked or replaced last, oldest first. */
export async function listCredentials(engine: Engine, userId: string): Promise<ListedCredential[]> {
  const credentials = await storeCall(engine.credentials.list(userId));
  return credentials.map((credential) => ({
    ...credential,
    publicKey: encodeBase64url(credential.publicKey),
  }));
}
