import { type Argon2idParameters, ZkpAuthError } from '@zkp-auth/core';
import {
  clientVersion,
  type Configured,
  type KeyHandle,
  type PortableSecret,
  type VaultAnswer,
  type VaultCall,
  type VaultReply,
  type VaultRequest,
} from './vault-messages.js';
import type { KeyStorage, PinAssist, SlotSecret, UnlockedKey } from '../vault/key-storage.js';

/** The worker's end of a message port. */
export interface VaultPort {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(answer: VaultAnswer): void;
}

/**
 * Answer the page's calls. Open keys stay here. The page has their handles, and a handle allows only the use for which
 * its key was opened. A page of another version learns the worker's version, and reaches no key.
 */
export function serveVault(port: VaultPort, openStorage: (argon2?: Argon2idParameters) => KeyStorage): void {
  const openKeys = new Map<number, UnlockedKey>();
  const asked = new Map<number, (reply: VaultReply['reply']) => void>();
  let opened: KeyStorage | undefined;
  let lastHandle = 0;

  const keep = (key: UnlockedKey): KeyHandle => {
    openKeys.set(++lastHandle, key);
    return { handle: lastHandle, credentialId: key.credentialId, publicKey: key.publicKey };
  };

  const keyOf = (handle: number): UnlockedKey => {
    const key = openKeys.get(handle);
    if (key === undefined) throw new ZkpAuthError('VAULT_UNAVAILABLE', 'The key has been closed.');
    return key;
  };

  /**
   * The worker has no network, so it asks the page. The question carries the id of the call that waits for the answer.
   */
  const secretOf = (id: number, secret: PortableSecret): SlotSecret => {
    if (secret.kind !== 'pin') return secret;
    const assist: PinAssist = async (question) => {
      const reply = await new Promise<VaultReply['reply']>((resolve) => {
        asked.set(id, resolve);
        port.postMessage({ id, question });
      });
      if ('failed' in reply)
        throw reply.failed === null ? new Error('ended') : new ZkpAuthError(reply.failed);
      return reply;
    };
    return { kind: 'pin', pin: secret.pin, assist: secret.assisted ? assist : null };
  };

  const answer = async (id: number, call: VaultCall): Promise<unknown> => {
    if (call.method === 'configure') {
      const [argon2, version] = call.args;
      // The storage is opened once. A later call would seal at another cost than the page's own.
      if (version === clientVersion) opened ??= openStorage(argon2);
      return { version: clientVersion } satisfies Configured;
    }
    const storage = opened ?? refuse();
    switch (call.method) {
      case 'generateAndStore': {
        const [name, secret] = call.args;
        return keep(await storage.generateAndStore(name, secretOf(id, secret)));
      }
      case 'generateSuccessor': {
        const [handle, secret] = call.args;
        return keep(await storage.generateSuccessor(keyOf(handle), secretOf(id, secret)));
      }
      case 'unlock': {
        const [name, credentialId, secret, use] = call.args;
        return keep(await storage.unlock(name, credentialId, secretOf(id, secret), use));
      }
      case 'prove':
        // The page gives no origin, because the vault has its own.
        return keyOf(call.args[0]).prove(call.args[1], '');
      case 'dispose':
        openKeys.get(call.args[0])?.dispose();
        openKeys.delete(call.args[0]);
        return undefined;
      case 'addSlot':
      case 'exportBlob':
        return storage[call.method](keyOf(call.args[0]), secretOf(id, call.args[1]));
      case 'importBlob':
        return keep(await storage.importBlob(call.args[0], secretOf(id, call.args[1]), call.args[2]));
      case 'saveKey':
        return storage.saveKey(keyOf(call.args[0]), call.args[1]);
      case 'activateKey':
        return storage.activateKey(...call.args);
      case 'discardPendingKey':
        return storage.discardPendingKey(...call.args);
      case 'hasKey':
        return storage.hasKey(...call.args);
      case 'listKeys':
        return storage.listKeys();
      case 'listSlots':
        return storage.listSlots(...call.args);
      case 'settlePinSlot':
        return storage.settlePinSlot(...call.args);
      case 'removeSlot':
        return storage.removeSlot(...call.args);
      case 'listReturns':
        return storage.listReturns(...call.args);
      case 'saveReturns':
        return storage.saveReturns(...call.args);
      case 'deleteKey':
        return storage.deleteKey(...call.args);
    }
  };

  port.onmessage = ({ data }: MessageEvent<VaultRequest>) => {
    const { id } = data;
    if ('reply' in data) {
      asked.get(id)?.(data.reply);
      asked.delete(id);
      return;
    }
    answer(id, data).then(
      (result) => port.postMessage({ id, result }),
      (error: unknown) => port.postMessage({ id, error: portable(error) }),
    );
  };
}

/** @throws `VAULT_UNAVAILABLE`. */
function refuse(): never {
  throw new ZkpAuthError(
    'VAULT_UNAVAILABLE',
    `The vault worker is of version ${clientVersion} and the page is of another: reload it.`,
  );
}

function portable(error: unknown): Extract<VaultAnswer, { error: unknown }>['error'] {
  if (error instanceof ZkpAuthError) {
    const { code, message, reason } = error;
    return { code, message, reason };
  }
  return { misuse: error instanceof Error ? error.message : String(error) };
}
