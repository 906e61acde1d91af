// What only a page needs in which somebody chooses a PIN.

export { assertNewPin } from './assert-new-pin.js';
export { pinInForm2 } from './pin-form.js';
