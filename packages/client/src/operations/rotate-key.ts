import { encodeBase64url, newKeyContext, parseSessionResponse, type SessionResponse } from '@zkp-auth/core';
import type { KeyUse, LocalKey, UnlockedKey } from '../storage/key-storage.js';
import { contact, type Context } from './context.js';
import { createPinAssistant } from './pin-assistant.js';
import { prove } from './prove.js';

/**
 * Replace a key by a new one under the same PIN. Both prove; the new one is on disk before it is sent, and becomes
 * the active one when the server has accepted it. The old one is revoked there, copies of it included.
 */
export async function rotateKey(
  context: Context,
  key: LocalKey,
  { unlocked, pin, use }: { unlocked: UnlockedKey; pin: string; use: KeyUse },
): Promise<{ session: SessionResponse; unlocked: UnlockedKey; pinId: Uint8Array | null }> {
  const { userId, credentialId } = key;
  const assistant = createPinAssistant(context, { purpose: 'rotate-key', userId, credentialId });
  const assist = context.pinAssistance ? assistant.assist : null;
  const renewed = await context.storage.generateAndStore(key, { kind: 'pin', pin, assist }, use);
  try {
    const challenge = await assistant.challengeFor(credentialId);
    const pinId = assistant.answered?.pin.id ?? null;
    const { publicKey } = renewed;
    const purposeContext = newKeyContext({
      newPublicKey: publicKey,
      ...(pinId === null ? {} : { newPinId: pinId }),
    });
    const proven = { purpose: 'rotate-key', userId, challenge, purposeContext } as const;
    const fields = await prove(context, unlocked, proven);
    const { proof: newProof } = await prove(context, renewed, proven);
    const answer = await contact(context, 'rotate-key', {
      ...fields,
      credentialId,
      newPublicKey: encodeBase64url(publicKey),
      newProof,
      ...(pinId === null ? {} : { pin: { id: encodeBase64url(pinId) } }),
    });
    const session = parseSessionResponse(answer);
    await context.storage.confirmKey(key, renewed.credentialId);
    return { session, unlocked: renewed, pinId };
  } catch (error) {
    renewed.dispose();
    throw error;
  }
}
