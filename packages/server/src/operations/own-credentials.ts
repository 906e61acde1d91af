import {
  type AnswerOf,
  type CredentialSummary,
  formatCredentialListResponse,
  type JsonOf,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { stateOf } from '../stores/credential-policy.js';
import type { Credential } from '../stores/credential-store.js';
import { attemptsLeftOf } from '../stores/try-policy.js';
import { storeCall } from '../stores/store-call.js';
import { authenticate } from './authenticate.js';

/** The credentials of the person who asks. @throws as {@link authenticate}. */
export async function listOwnCredentials(
  engine: Engine,
  _body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'credentials'>>>> {
  const { userId, credentialId } = await authenticate(engine, facts, { dpop: 'if-bound' });
  const listed = await storeCall(engine.credentials.list(userId));
  const locked = await pinLocks(engine, listed);
  const credentials = listed.map((one) => summaryOf(engine, one, { credentialId, locked }));
  return { body: formatCredentialListResponse({ credentials }), headers: [] };
}

function summaryOf(
  engine: Engine,
  credential: Credential,
  current: { credentialId: string; locked: ReadonlyMap<string, boolean> },
): CredentialSummary {
  const { credentialId, kind, deviceName, addedBy, createdAtMs, lastUsedAtMs } = credential;
  const state = stateOf(credential, engine.now());
  return {
    credentialId,
    kind,
    state,
    name: deviceName,
    addedBy,
    createdAtMs,
    lastUsedAtMs,
    pendingUntilMs: state === 'pending' ? (credential.pendingUntilMs ?? undefined) : undefined,
    endedAtMs: credential.revokedAtMs ?? undefined,
    pinLocked: current.locked.get(credentialId),
    current: credentialId === current.credentialId,
  };
}

/** Whether the pin that `unlock-pin` would unlock is locked, for each live device that has one. */
async function pinLocks(
  { pinAssistance, now }: Engine,
  listed: readonly Credential[],
): Promise<ReadonlyMap<string, boolean>> {
  if (pinAssistance === null) return new Map();
  const devices = listed.filter((one) => one.kind === 'device' && stateOf(one, now()) === 'live');
  const ids = devices.map(({ credentialId }) => credentialId);
  const newest = await storeCall(pinAssistance.store.newestOf(ids));
  return new Map(newest.map((pin) => [pin.credentialId, attemptsLeftOf(pin) === 0]));
}
