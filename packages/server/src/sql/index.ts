export { migrateSqlStores } from './migrate-sql-stores.js';
export { setUpPostgres, type PostgresSetUp, type SetUpPostgresOptions } from './set-up-postgres.js';
export { setUpSqlite, type SqliteSetUp } from './set-up-sqlite.js';
export { SqlCredentialStore } from './sql-credential-store.js';
export { SqlKeyRingStore } from './sql-key-ring-store.js';
export { SqlPinStore } from './sql-pin-store.js';
export { SqlSessionStore } from './sql-session-store.js';
