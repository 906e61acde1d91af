import { credentialIdOf } from '../src/credential-id.js';
import type { VaultRecord } from '../src/vault-record.js';

const publicKey = new Uint8Array(32).fill(7);
/** A whole record, with a slot for a PIN and one for a passkey. */
export const record: VaultRecord = {
  userId: 'Zo\u00eb “quoted”',
  audience: 'https://api.example',
  credentialId: credentialIdOf(publicKey),
  publicKey,
  createdAt: '2026-01-01T00:00:00Z',
  slots: [
    {
      kind: 'pin',
      kdf: { m: 65_536, t: 3, p: 1, salt: new Uint8Array(16).fill(1) },
      pinId: new Uint8Array(16).fill(2),
      iv: new Uint8Array(12).fill(3),
      ct: new Uint8Array(48).fill(4),
      pinForm: 2,
    },
    {
      kind: 'passkey',
      passkeyId: new Uint8Array(20).fill(5),
      salt: new Uint8Array(32).fill(6),
      iv: new Uint8Array(12).fill(7),
      ct: new Uint8Array(48).fill(8),
      transports: ['internal', 'hybrid'],
    },
  ],
};
