import {
  type NewKeyResponse,
  type RotateKeyRequest,
  rotateKeyRoute,
  type SessionResponse,
} from '@zkp-auth/core';
import { authorizedRequest } from '../sessions/authorized-request.js';
import { moveSession } from '../sessions/move-session.js';
import { hasNoSession } from '../sessions/session-record.js';
import type { Authority } from '../transport/dpop-signer.js';
import type { LocalKey } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import { type Call, ownAnswer } from './call.js';
import { Ceremony } from './ceremony.js';
import { forgettingPasskeys } from './forget-passkeys.js';

/** A key that replaced another key. */
export interface Rotated {
  /** The caller disposes of it. */
  unlocked: UnlockedKey;
  /** The pinId of its PIN slot. */
  pinId: Uint8Array | null;
  /** The session of this browser, if it continued under the new key. */
  moved: SessionResponse | null;
}

/**
 * Replace a key by a new one under the same PIN. Both keys give a proof. The new key is on disk before it is sent, and
 * becomes the active one when the server has accepted it. The server revokes the old key, copies of it included. The
 * session of this browser continues under the new key, and every other session of the old key ends.
 */
export async function rotateKey(
  call: Call,
  key: LocalKey,
  { unlocked, pin, isAssisted }: { unlocked: UnlockedKey; pin: string; isAssisted: boolean },
): Promise<Rotated> {
  const { credentialId } = key;
  const ceremony = new Ceremony(call, { purpose: 'rotate-key', name: key, credentialId });
  // If a key opened with the server's help, its successor never opens without it.
  const assist = call.pinAssistance || isAssisted ? ceremony.assist : null;
  const renewed = await call.storage.generateSuccessor(unlocked, { kind: 'pin', pin, assist });
  try {
    const proof = await ceremony.prove(unlocked, { for: 'rotate-key' });
    const { proof: newProof } = await ceremony.prove(renewed, { for: 'rotate-key' });
    const pinId = ceremony.pin?.id;
    const request = { ...proof, newPublicKey: renewed.publicKey, newProof, pinId };
    const answer = await sendWithSession(ceremony, request, renewed);
    const moved = 'token' in answer ? answer : null;
    await forgettingPasskeys(call, () => call.storage.activateKey(key, renewed.credentialId));
    if (moved !== null) await moveSession(call.session, moved);
    return { unlocked: renewed, pinId: pinId ?? null, moved };
  } catch (error) {
    renewed.dispose();
    throw error;
  }
}

/** Send the session of this credential in this browser along, if there is one, so that it continues. */
async function sendWithSession(
  ceremony: Ceremony,
  request: RotateKeyRequest,
  renewed: UnlockedKey,
): Promise<NewKeyResponse> {
  const { session, signal } = ceremony.call;
  const { userId, credentialId } = request;
  const send = async (authority: Partial<Authority> = {}): Promise<NewKeyResponse> => {
    const answer = await ceremony.send(rotateKeyRoute, { request, ...authority });
    const { sessionId } = authority.access ?? {};
    return ownAnswer(answer, { userId, credentialId: renewed.credentialId, sessionId });
  };
  try {
    const record = await session.record();
    if (record.userId !== userId || record.credentialId !== credentialId) return await send();
    return await authorizedRequest(session, signal, send);
  } catch (error) {
    if (hasNoSession(error)) return send();
    throw error;
  }
}
