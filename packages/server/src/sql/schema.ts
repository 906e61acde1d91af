import type { ColumnType } from 'kysely';

/** Milliseconds since 1970. PostgreSQL's driver gives a bigint as text. */
type Milliseconds = ColumnType<number | string, number, number>;

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
    revoked_at_ms: ColumnType<number | string | null, number | null, number | null>;
  };
}
