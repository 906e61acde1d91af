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
  const credentials = await Promise.all(listed.map((one) => summaryOf(engine, one, credentialId)));
  return { body: formatCredentialListResponse({ credentials }), headers: [] };
}

async function summaryOf(
  engine: Engine,
  credential: Credential,
  currentId: string,
): Promise<CredentialSummary> {
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
    pinLocked: state === 'live' && kind === 'device' ? await isPinLocked(engine, credentialId) : undefined,
    current: credentialId === currentId,
  };
}

/** Whether the pin that `unlock-pin` would unlock is locked; `undefined` if there is none. */
async function isPinLocked({ pinAssistance }: Engine, credentialId: string): Promise<boolean | undefined> {
  if (pinAssistance === null) return undefined;
  const pins = await storeCall(pinAssistance.store.listOf(credentialId));
  const newest = pins.findLast(({ retiredAtMs }) => retiredAtMs === null);
  return newest && attemptsLeftOf(newest) === 0;
}
