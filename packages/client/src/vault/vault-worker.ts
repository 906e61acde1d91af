import { IndexedDBKeyStorage } from '../storage/indexeddb-key-storage.js';
import { serveVault } from './serve-vault.js';
import { watchWasmMemories } from './wasm-memories.js';

// The entry of the vault worker, bundled whole by scripts/bundle-worker.ts.
watchWasmMemories();
serveVault(globalThis, (argon2) => new IndexedDBKeyStorage(argon2 === undefined ? {} : { argon2 }));
