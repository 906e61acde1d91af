// What a plain sign-in does not need, in a part of its own: the devices of an account, and what keeps them.

export { storagePersistence } from './storage/storage-persistence.js';
