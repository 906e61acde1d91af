import type { KeySlot } from '@zkp-auth/client';
import { client } from './client.ts';
import { byId, make } from './dom.ts';

type OnRemove = (slot: KeySlot, label: string) => void;

/** Show the secrets that open a person's key on this device. */
export async function showSlots(userId: string, onRemove: OnRemove): Promise<void> {
  const slots = await client.listSlots(userId).catch(() => []);
  byId('slots', HTMLUListElement).replaceChildren(...rowsOf(slots, onRemove));
}

function rowsOf(slots: KeySlot[], onRemove: OnRemove): HTMLLIElement[] {
  const pins = slots.filter(({ kind }) => kind === 'pin');
  const passkeys = slots.filter(({ kind }) => kind === 'passkey');
  const rows = passkeys.map((slot, i) => {
    const label = passkeys.length === 1 ? 'Passkey' : `Passkey ${i + 1}`;
    const remove = make('button', { type: 'button', ariaLabel: `Remove ${label.toLowerCase()}` }, 'Remove');
    remove.addEventListener('click', () => onRemove(slot, label));
    return row(label, 'your fingerprint, face or device code', remove);
  });
  if (pins.length === 0) return rows;
  const assisted = pins.every((pin) => pin.assisted);
  return [row('PIN', assisted ? 'only together with the server, which counts tries' : 'on its own'), ...rows];
}

function row(name: string, note: string, ...actions: Node[]): HTMLLIElement {
  return make('li', {}, make('span', { className: 'name' }, name, make('small', {}, note)), ...actions);
}
