import type { CredentialKind } from '../stores/credential-store.js';

/** The kind in a row. A damaged kind is an error, never a device. */
export function kindOf({ kind, credential_id }: { kind: string; credential_id: string }): CredentialKind {
  if (kind === 'device' || kind === 'recovery') return kind;
  throw new Error(`zkp_credentials: kind of ${credential_id} is damaged`);
}
