import type { Engine } from '../engine.js';
import type { Addition } from '../stores/credential-store.js';
import type { NewPin } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';
import { requirePinAssistance } from './require-pin-assistance.js';

type Creation = 'created' | 'replaced' | 'taken' | 'gone' | Addition;

const created: ReadonlySet<string> = new Set(['created', 'replaced', 'added']);

/**
 * Create a credential, and enrol the pin that its challenge drew, if it drew one. It is one step if the credential
 * store keeps these pins too. Otherwise the pin is enrolled first. A process that is killed between the two then
 * leaves a pin that nobody uses, never a user without their PIN.
 *
 * @param create gets the pin if it has to enrol it.
 */
export async function createWithPin<Outcome extends Creation>(
  engine: Engine,
  pin: NewPin | undefined,
  create: (pin?: NewPin) => Promise<Outcome>,
): Promise<Outcome> {
  if (pin === undefined) return storeCall(create());
  const { store } = requirePinAssistance(engine);
  if (engine.credentials.keepsPinsOf?.(store) === true) return storeCall(create(pin));
  await storeCall(store.enrol(pin));
  const outcome = await storeCall(create());
  if (!created.has(typeof outcome === 'string' ? outcome : outcome.kind))
    await storeCall(store.withdraw(pin.pinHash));
  return outcome;
}
