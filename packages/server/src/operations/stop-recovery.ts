import { ZkpAuthError } from '@zkp-auth/core';
import {
  parseStopRecoveryRequest,
  stopRecoveryAction,
  type StopRecoveryRequest,
} from '@zkp-auth/core/recovery';
import type { Engine } from '../engine.js';
import type { ServedAnswerOf } from '../served-routes.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { isPending } from '../stores/credential-policy.js';
import type { LiveCredential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';
import { endCredentials } from './end-credentials.js';
import { type ConfirmedRequest, takeConfirmedRequest } from './take-confirmed-request.js';
import { tellOfEnded } from './tell-of-ended.js';

/**
 * End a device that waits for the end of its recovery, and its kit if the request says so (protocol section 11.6). A
 * request for a device that was ended already succeeds, so that a client can send it again after a lost answer.
 *
 * @throws {@link ZkpAuthError} as {@link takeConfirmedRequest}, and `CREDENTIAL_NOT_FOUND` for a credential that never
 * waited, or that waits no more.
 */
export async function stopRecovery(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<ServedAnswerOf<'stopRecovery'>>> {
  const asked = { body, action: stopRecoveryAction, parse: parseStopRecoveryRequest };
  const confirmed = await takeConfirmedRequest(engine, asked, facts);
  const { request, userId, by } = confirmed;
  const { credentialId } = request;
  const device = await storeCall(engine.credentials.find(userId, credentialId));
  const atMs = engine.now();
  if (device === null || device.pendingUntilMs === null || device.replacedBy !== null)
    throw new ZkpAuthError('CREDENTIAL_NOT_FOUND');
  if (device.revokedAtMs === null && !isPending(device, atMs)) throw new ZkpAuthError('CREDENTIAL_NOT_FOUND');
  const kitId = request.revokeKit === true ? device.addedBy : null;
  const withKit = kitId === null ? [] : await revoke(engine, confirmed, { credentialId: kitId, atMs });
  const isEnded = withKit.some((other) => other.credentialId === credentialId);
  const ended = isEnded
    ? withKit
    : [...withKit, ...(await revoke(engine, confirmed, { credentialId, atMs }))];
  for (const { credentialId: endedId, deviceName } of ended.filter(({ kind }) => kind === 'device'))
    engine.emit({ atMs, userId, credentialId: endedId, type: 'recovery_stopped', deviceName, by });
  tellOfEnded(engine, { userId, atMs, ended: ended.filter(({ kind }) => kind === 'recovery'), by });
  await endCredentials(engine, userId, ended.length === 0 ? [device] : ended);
  return nothing;
}

/** @returns the credentials that this call ended, none if it was ended before. */
async function revoke(
  engine: Engine,
  { userId, by }: ConfirmedRequest<StopRecoveryRequest>,
  { credentialId, atMs }: { credentialId: string; atMs: number },
): Promise<LiveCredential[]> {
  const change = { userId, credentialId, by: by.credentialId, atMs };
  const outcome = await storeCall(engine.credentials.revokeBy(change));
  // Its credential was revoked since it confirmed.
  if (outcome.kind === 'gone') throw new ZkpAuthError('UNAUTHENTICATED');
  return outcome.kind === 'revoked' ? outcome.ended : [];
}
