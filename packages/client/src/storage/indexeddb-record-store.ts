import { IndexedDBValues } from './indexeddb-values.js';
import type { RecordStore, StoredKeys } from './record-store.js';

/** Records in this origin's IndexedDB. */
export class IndexedDBRecordStore extends IndexedDBValues<StoredKeys> implements RecordStore {
  /** @param name name of the database; default `zkp-auth`. */
  constructor(name = 'zkp-auth') {
    super(name);
  }
}
