import { IndexedDBKeyStorage } from '../vault/indexeddb-key-storage.js';
import { serveVault } from './serve-vault.js';
import { watchWasmMemories } from '../vault/derive-key.js';

// The entry of the vault worker, bundled whole by scripts/bundle-worker.ts.
watchWasmMemories();
// The browser itself gives the origin, and not the page. A worker at an opaque origin opens no storage.
const { origin } = globalThis;
serveVault(
  globalThis,
  (argon2) => new IndexedDBKeyStorage({ ...(argon2 === undefined ? {} : { argon2 }), origin }),
);
