import { IndexedDBKeyStorage } from '../storage/indexeddb-key-storage.js';
import { serveVault, type VaultPort } from './serve-vault.js';

// The entry of the vault worker, bundled whole by scripts/bundle-worker.ts.
serveVault(globalThis as unknown as VaultPort, (argon2) => new IndexedDBKeyStorage(argon2 === undefined ? {} : { argon2 }));
