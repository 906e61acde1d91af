import { client } from './client.ts';

/** Whether a passkey opens a person's key on this device. */
export async function hasPasskey(userId: string): Promise<boolean> {
  const slots = await client.listSlots(userId).catch(() => []);
  return slots.some(({ kind }) => kind === 'passkey');
}
