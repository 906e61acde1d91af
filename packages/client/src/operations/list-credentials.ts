import { credentialsRoute, type CredentialSummary } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { authorizedRequest } from '../sessions/authorized-request.js';
import { callRoute } from '../transport/channel.js';

/** See `ZkpAuthClient.listCredentials`. */
export async function listCredentials(call: Call): Promise<CredentialSummary[]> {
  const { signal } = call;
  const { credentials } = await authorizedRequest(call.session, signal, (authority) =>
    callRoute(call, credentialsRoute, { request: undefined, signal, ...authority }),
  );
  return credentials;
}

/** One credential of the person, or `undefined` if the account has none with this id. */
export async function findCredential(
  call: Call,
  credentialId: string,
): Promise<CredentialSummary | undefined> {
  return (await listCredentials(call)).find((credential) => credential.credentialId === credentialId);
}
