// The vault worker's own code, and a bare Argon2id in the same worker for comparison.
import { argon2id } from 'hash-wasm';
import { MemoryRecordStore } from '../../packages/client/dist/storage/memory-record-store.js';
import { VaultKeyStorage } from '../../packages/client/dist/vault/vault-key-storage.js';
import { blindPin } from '../../packages/client/dist/vault/blind-pin.js';
import { serveVault, type VaultPort } from '../../packages/client/dist/worker/serve-vault.js';
import { watchWasmMemories } from '../../packages/client/dist/vault/derive-key.js';

watchWasmMemories();
const port: VaultPort = { onmessage: null, postMessage: (answer) => globalThis.postMessage(answer) };
serveVault(port, () => new VaultKeyStorage(new MemoryRecordStore()));

/** Stands in for a server's answer to some PIN. Any element has the same cost. */
const evaluating = blindPin('some PIN').then(({ blinded }) => blinded);

async function assist(): Promise<void> {
  const pin = await blindPin('482913');
  await pin.finalize(await evaluating);
  pin.dispose();
  globalThis.postMessage('assisted');
}

globalThis.onmessage = (event: MessageEvent<{ bare?: true; assistance?: true }>) => {
  if (event.data.assistance === true) {
    void assist();
    return;
  }
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
