export { migrateSqlStores } from './migrate-sql-stores.js';
export { SqlCredentialStore } from './sql-credential-store.js';
export { SqlPinStore } from './sql-pin-store.js';
