import { type Argon2idParameters, isZkpAuthError } from '@zkp-auth/core';
import type { KeyStorage, UnlockedKey } from '../storage/key-storage.js';
import type { KeyHandle, VaultAnswer, VaultCall, VaultRequest } from './vault-messages.js';

/** The worker's end of a message port. */
export interface VaultPort {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(answer: VaultAnswer): void;
}

/**
 * Answer the page's calls. Open keys stay here: the page has their handles, and can ask for a proof by one or
 * for its end, and for nothing else.
 */
export function serveVault(port: VaultPort, openStorage: (argon2?: Argon2idParameters) => KeyStorage): void {
  const openKeys = new Map<number, UnlockedKey>();
  let storage = openStorage();
  let lastHandle = 0;

  const keep = (key: UnlockedKey): KeyHandle => {
    openKeys.set(++lastHandle, key);
    return { handle: lastHandle, credentialId: key.credentialId, publicKey: key.publicKey };
  };

  const answer = async (call: VaultCall): Promise<unknown> => {
    switch (call.method) {
      case 'configure':
        storage = openStorage(...call.args);
        return undefined;
      case 'generateAndStore':
        return keep(await storage.generateAndStore(...call.args));
      case 'unlock':
        return keep(await storage.unlock(...call.args));
      case 'prove':
        return openKeys.get(call.args[0])?.prove(call.args[1]);
      case 'dispose':
        openKeys.get(call.args[0])?.dispose();
        openKeys.delete(call.args[0]);
        return undefined;
      case 'confirmKey':
        return storage.confirmKey(...call.args);
      case 'discardPendingKey':
        return storage.discardPendingKey(...call.args);
      case 'hasKey':
        return storage.hasKey(...call.args);
      case 'listKeys':
        return storage.listKeys();
      case 'exportBlob':
        return storage.exportBlob(...call.args);
      case 'importBlob':
        return storage.importBlob(...call.args);
      case 'deleteKey':
        return storage.deleteKey(...call.args);
    }
  };

  port.onmessage = ({ data }: MessageEvent<VaultRequest>) => {
    const { id } = data;
    answer(data).then(
      (result) => port.postMessage({ id, result }),
      (error: unknown) => port.postMessage({ id, error: portable(error) }),
    );
  };
}

function portable(error: unknown): Extract<VaultAnswer, { error: unknown }>['error'] {
  if (isZkpAuthError(error)) return { code: error.code, message: error.message };
  return { misuse: error instanceof Error ? error.message : String(error) };
}
