import { parseOpenKeyRequest, ZkpAuthError } from '@zkp-auth/core';
import type { LinkApprovalRefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import type { Link, LinkApproval, LinkOffer } from '../stores/link-store.js';
import type { NewPin } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';
import { linkContextOf, offeredPinHash } from './link-context.js';
import { requireOwnLink } from './own-link.js';
import { requireLinks } from './require-links.js';
import { requirePinAssistance } from './require-pin-assistance.js';

type Refusal = readonly [reason: LinkApprovalRefusalReason, code: ApprovalCode];
type ApprovalCode = 'PROOF_REJECTED' | 'LINK_STATE_CHANGED' | 'USER_ID_TAKEN' | 'CREDENTIAL_LIMIT_REACHED';

/** The answer to an approval that changed nothing. */
const refusals: Readonly<Record<Exclude<LinkApproval['kind'], 'added'>, Refusal>> = {
  changed: ['changed', 'LINK_STATE_CHANGED'],
  gone: ['revoked', 'PROOF_REJECTED'],
  ungranted: ['revoked', 'PROOF_REJECTED'],
  taken: ['taken', 'USER_ID_TAKEN'],
  full: ['full', 'CREDENTIAL_LIMIT_REACHED'],
  waiting: ['full', 'CREDENTIAL_LIMIT_REACHED'],
};

/**
 * Make the offered key a credential of the user, on a fresh proof by the device that opened the link (protocol section
 * 10.10). Credential, pin and the end of the link are one step. A valid proof gives its try back, also if a later
 * check refuses.
 *
 * @throws {@link ZkpAuthError} as {@link requireOwnLink}, `LINK_STATE_CHANGED`, `PROOF_REJECTED`, `USER_ID_TAKEN`,
 * `CREDENTIAL_LIMIT_REACHED`, or a parsing code.
 */
export async function approveLink(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<undefined>> {
  const request = parseOpenKeyRequest(body);
  const { link, state, user } = await requireOwnLink(engine, facts);
  const { linkId, offer } = link;
  if (state !== 'revealed' || offer === null) throw new ZkpAuthError('LINK_STATE_CHANGED');
  const { userId, credentialId, sessionId } = user;
  const { publicKey, deviceName } = offer;
  const context = linkContextOf(link, { publicKey, pinHash: offeredPinHash(offer) });
  const verdict = await examineProof(engine, { purpose: 'link-device', request, context, facts });
  const event = { atMs: engine.now(), userId, credentialId, linkId };
  const newCredentialId = offer.credentialId;
  const reject = ([reason, code]: Refusal): ZkpAuthError => {
    engine.emit({ ...event, type: 'link_approval_rejected', newCredentialId, reason });
    return new ZkpAuthError(code);
  };

  if (verdict.refusal !== null) throw reject([verdict.refusal, 'PROOF_REJECTED']);
  await giveBackTry(engine, verdict.issued, request.credentialId);
  if (request.userId !== userId || request.credentialId !== credentialId)
    throw reject(['session', 'PROOF_REJECTED']);
  const outcome = await approve(engine, { link, offer }, event.atMs);
  if (outcome.kind !== 'added') throw reject(refusals[outcome.kind]);
  const by = { sessionId, credentialId };
  engine.emit({ ...event, type: 'link_approved', newCredentialId, deviceName, by });
  const added = { atMs: event.atMs, userId, credentialId: newCredentialId } as const;
  engine.emit({ ...added, type: 'credential_added', kind: 'device', deviceName, addedBy: credentialId, by });
  return nothing;
}

/**
 * One step, if the credential store keeps the pins too. Otherwise the pin is enrolled first, and a process that is
 * killed then leaves a pin that nobody uses.
 */
async function approve(
  engine: Engine,
  { link, offer }: { link: Link; offer: LinkOffer },
  atMs: number,
): Promise<LinkApproval> {
  const links = requireLinks(engine);
  const { linkId, userId, credentialId: addedBy } = link;
  const { credentialId, publicKey, deviceName } = offer;
  const owner = { userId, credentialId };
  const created = {
    publicKey,
    deviceName,
    createdAtMs: atMs,
    kind: 'device',
    addedBy,
    pendingUntilMs: null,
  } as const;
  const pin: NewPin | null = offer.pin && { ...offer.pin, ...owner, enrolledAtMs: atMs };
  const credential = { ...owner, ...created };
  if (pin === null) return storeCall(links.approve(linkId, credential));
  const { store } = requirePinAssistance(engine);
  if (engine.credentials.keepsPinsOf?.(store) === true)
    return storeCall(links.approve(linkId, credential, { pin }));
  if ((await storeCall(store.find(pin.pinHash))) === null) await storeCall(store.enrol(pin));
  const outcome = await storeCall(links.approve(linkId, credential));
  if (outcome.kind === 'added') return outcome;
  // Another approval of this link may have created the credential, which then needs its pin.
  const isCreated = (await storeCall(engine.credentials.find(userId, credentialId))) !== null;
  if (!isCreated) await storeCall(store.withdraw(pin.pinHash));
  return outcome;
}
