// What a page needs now and then, in one piece of its own: signing in does not wait for it.

export { addPasskeyUnlock } from './add-passkey-unlock.js';
export { changePin } from './change-pin.js';
export { exportKeyBlob } from './export-key-blob.js';
export { getPasskeySecret } from '../passkeys/get-passkey-secret.js';
export { importKeyBlob, ownerOf } from './import-key-blob.js';
export { register } from './register.js';
export { removeLocalKey } from './remove-local-key.js';
export { renewPin } from './renew-pin.js';
export { rotateKey } from './rotate-key.js';
export { listSlots, removeSlot } from './slots.js';
