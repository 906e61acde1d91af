import type { NewKeyResponse } from '@zkp-auth/core';
import type { LocalKey, UnlockedKey } from '../vault/key-storage.js';
import type { Authority } from '../transport/access.js';
import type { Context } from './context.js';
import type { Opened } from './opened.js';
import { createPinAssistant } from './pin-assistant.js';
import { prove } from './prove.js';
import { ownAnswer, type ProofRequest, sendProof } from './send-proof.js';
import { hasNoSession } from '../operations/sessions.js';

/**
 * Replace a key by a new one under the same PIN. Both prove; the new one is on disk before it is sent, and becomes
 * the active one when the server has accepted it. The old one is revoked there, copies of it included. The session of this browser goes on under the new one,
 * every other session of the old one ends.
 */
export async function rotateKey(
  context: Context,
  key: LocalKey,
  { unlocked, pin, isAssisted }: { unlocked: UnlockedKey; pin: string; isAssisted: boolean },
): Promise<Pick<Opened, 'unlocked' | 'pinId' | 'moved'>> {
  const { userId, credentialId } = key;
  const assistant = createPinAssistant(context, { purpose: 'rotate-key', userId, credentialId });
  // A key that opened with the server's help is not followed by one that opens without.
  const assist = context.pinAssistance || isAssisted ? assistant.assist : null;
  const renewed = await context.storage.generateSuccessor(unlocked, { kind: 'pin', pin, assist });
  try {
    const challenge = await assistant.challengeFor(credentialId);
    const pinId = assistant.answered?.pin.id;
    const proven = { userId, challenge, asked: { for: 'rotate-key' } } as const;
    const fields = await prove(context, unlocked, proven);
    const { proof: newProof } = await prove(context, renewed, proven);
    const request = { ...fields, newPublicKey: renewed.publicKey, newProof, pinId };
    const answer = await contactFor(context, { challenge, request, renewed });
    const moved = 'token' in answer ? answer : null;
    await context.storage.activateKey(key, renewed.credentialId);
    if (moved !== null) await context.sessions.moved(moved);
    return { unlocked: renewed, pinId: pinId ?? null, moved };
  } catch (error) {
    renewed.dispose();
    throw error;
  }
}

/** Ask for the session that this credential has here, if it has one, so that it goes on. */
async function contactFor(
  context: Context,
  { challenge, request, renewed }: ProofRequest<'rotateKey'> & { renewed: UnlockedKey },
): Promise<NewKeyResponse> {
  const { sessions, signal } = context;
  const { userId, credentialId } = request;
  const send = async (authority: Partial<Authority> = {}): Promise<NewKeyResponse> => {
    const answer = await sendProof(context, 'rotateKey', { challenge, request, ...authority });
    const { sessionId } = authority.access ?? {};
    return ownAnswer(answer, { userId, credentialId: renewed.credentialId, sessionId });
  };
  try {
    const session = await sessions.record();
    if (session.userId !== userId || session.credentialId !== credentialId) return await send();
    return await sessions.authorized(signal, send);
  } catch (error) {
    if (hasNoSession(error)) return send();
    throw error;
  }
}
