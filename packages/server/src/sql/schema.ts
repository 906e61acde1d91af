import type { ColumnType } from 'kysely';

/** Milliseconds since 1970. PostgreSQL's driver gives a bigint as text. */
type Milliseconds = ColumnType<number | string, number, number>;
type MaybeMilliseconds = ColumnType<number | string | null, number | null, number | null>;

export interface ZkpAuthTables {
  zkp_users: {
    user_id: string;
    created_at_ms: Milliseconds;
  };
  zkp_credentials: {
    /** 16 bytes in base64url. */
    credential_id: string;
    user_id: string;
    /** 32 bytes in base64url. */
    public_key: string;
    device_name: string | null;
    created_at_ms: Milliseconds;
    revoked_at_ms: MaybeMilliseconds;
    clone_suspected_at_ms: MaybeMilliseconds;
  };
  zkp_pins: {
    /** SHA-256 of the pinId in base64url. */
    pin_hash: string;
    user_id: string;
    credential_id: string;
    secret_id: string;
    tries: number;
    max_tries: number;
    last_try_at_ms: MaybeMilliseconds;
    enrolled_at_ms: Milliseconds;
    retired_at_ms: MaybeMilliseconds;
  };
}
