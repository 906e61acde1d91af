import { type Kysely, sql } from 'kysely';

/**
 * The pins that could be tried without a live credential, and the live devices without such a pin. All devices
 * have a PIN.
 */
// oxlint-disable-next-line no-explicit-any -- any database with our tables
export async function pinOrphans(db: Kysely<any>): Promise<{ pins: string[]; credentials: string[] }> {
  const pins = await sql<{ pin_hash: string }>`
    select pin_hash from zkp_pins where retired_at_ms is null and not exists (
      select 1 from zkp_credentials
      where zkp_credentials.credential_id = zkp_pins.credential_id and revoked_at_ms is null)`.execute(db);
  const credentials = await sql<{ credential_id: string }>`
    select credential_id from zkp_credentials where revoked_at_ms is null and kind = 'device' and not exists (
      select 1 from zkp_pins
      where zkp_pins.credential_id = zkp_credentials.credential_id and retired_at_ms is null)`.execute(db);
  return {
    pins: pins.rows.map((row) => row.pin_hash),
    credentials: credentials.rows.map((row) => row.credential_id),
  };
}
