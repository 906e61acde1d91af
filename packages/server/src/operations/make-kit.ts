import {
  credentialIdOf,
  formatRegistrationResponse,
  type JsonOf,
  linkDeviceContext,
  ZkpAuthError,
} from '@zkp-auth/core';
import { parseMakeKitRequest } from '@zkp-auth/core/recovery';
import type { KitRefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { ServedAnswerOf } from '../served-routes.js';
import { takeLimit } from '../limits/take-limit.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { storeCall } from '../stores/store-call.js';
import { endCredentials } from './end-credentials.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';
import { provesNewKey } from './proves-new-key.js';
import { tellOfEnded } from './tell-of-ended.js';

const purpose = 'link-device';

/**
 * Make a recovery kit, on a proof by a live device and one by the kit over the same challenge and context (protocol
 * section 11.2). The former kit and the devices that wait for it end in the same step.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, `USER_ID_TAKEN`, `CREDENTIAL_LIMIT_REACHED`, `RATE_LIMITED`, or a
 * parsing code.
 */
export async function makeKit(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<ServedAnswerOf<'makeKit'>>>> {
  const request = parseMakeKitRequest(body);
  const { userId, credentialId, newPublicKey: publicKey } = request;
  const context = linkDeviceContext({ flow: 'kit', newPublicKey: publicKey });
  const verdict = await examineProof(engine, { purpose, request, context, facts });
  const event = { atMs: engine.now(), userId, credentialId };
  const reject = (
    reason: KitRefusalReason,
    code: 'PROOF_REJECTED' | 'USER_ID_TAKEN' | 'CREDENTIAL_LIMIT_REACHED' = 'PROOF_REJECTED',
  ): ZkpAuthError => {
    engine.emit({ ...event, type: 'recovery_kit_rejected', reason });
    return new ZkpAuthError(code);
  };

  if (verdict.refusal !== null) throw reject(verdict.refusal);
  const { credential, issued } = verdict;
  await giveBackTry(engine, issued, credentialId);
  const kitId = credentialIdOf(publicKey);
  const { challenge } = issued;
  const kit = {
    purpose,
    credentialId: kitId,
    publicKey,
    proof: request.newProof,
    challenge,
    context,
  } as const;
  if (!provesNewKey(request, kit)) throw reject('proof');
  await takeLimit(engine, 'recoveryKitsByUser', { userId, credentialId, facts });
  const outcome = await storeCall(
    engine.credentials.addCredential({
      userId,
      credentialId: kitId,
      publicKey,
      deviceName: null,
      createdAtMs: event.atMs,
      kind: 'recovery',
      addedBy: credentialId,
      pendingUntilMs: null,
    }),
  );
  switch (outcome.kind) {
    case 'gone':
    case 'ungranted':
      throw reject('revoked');
    case 'taken':
      throw reject('taken', 'USER_ID_TAKEN');
    case 'full':
    case 'waiting':
      throw reject('full', 'CREDENTIAL_LIMIT_REACHED');
    case 'added': {
      const { deviceName } = credential;
      engine.emit({ ...event, type: 'recovery_kit_made', kitId, deviceName });
      const added = { ...event, credentialId: kitId, deviceName: null, addedBy: credentialId } as const;
      engine.emit({ ...added, type: 'credential_added', kind: 'recovery' });
      tellOfEnded(engine, { userId, atMs: event.atMs, ended: outcome.ended });
      await endCredentials(engine, userId, outcome.ended);
      return { body: formatRegistrationResponse({ userId, credentialId: kitId }), headers: [] };
    }
  }
}
