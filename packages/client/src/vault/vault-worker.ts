import { IndexedDBKeyStorage } from '../storage/indexeddb-key-storage.js';
import { serveVault } from './serve-vault.js';

// The entry of the vault worker, bundled whole by scripts/bundle-worker.ts.
serveVault(globalThis, (argon2) => new IndexedDBKeyStorage(argon2 === undefined ? {} : { argon2 }));
