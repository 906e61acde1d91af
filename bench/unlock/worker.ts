// The vault worker's own code, and in the same worker a bare Argon2id to measure it against.
import { argon2id } from 'hash-wasm';
import { MemoryRecordStore } from '../../packages/client/dist/storage/memory-record-store.js';
import { VaultKeyStorage } from '../../packages/client/dist/storage/vault-key-storage.js';
import { serveVault, type VaultPort } from '../../packages/client/dist/vault/serve-vault.js';

const port: VaultPort = { onmessage: null, postMessage: (answer) => globalThis.postMessage(answer) };
serveVault(port, () => new VaultKeyStorage(new MemoryRecordStore()));

globalThis.onmessage = (event: MessageEvent<{ bare?: true }>) => {
  if (event.data.bare !== true) {
    port.onmessage?.(event);
    return;
  }
  const options = {
    parallelism: 1,
    iterations: 3,
    memorySize: 65_536,
    hashLength: 32,
    outputType: 'binary',
  } as const;
  void argon2id({ password: 'a bare PIN', salt: new Uint8Array(16), ...options }).then(() =>
    globalThis.postMessage('bare'),
  );
};
