import type { ColumnType } from 'kysely';

/**
 * An integer as the application's driver gives it: a number, a bigint, or text, which is pg's default for a bigint.
 */
type Read = number | bigint | string;
type Integer = ColumnType<Read, number, number>;
/** Milliseconds since 1970. */
type Milliseconds = Integer;
type MaybeMilliseconds = ColumnType<Read | null, number | null, number | null>;
/** `null` if an insertion leaves it out. */
type OptionalMilliseconds = ColumnType<Read | null, number | null | undefined, number | null>;
/** The tenant in the key of each table. Only the default tenant, the empty text, is in use. */
type Tenant = ColumnType<string, string | undefined, never>;

/** The tenant of all rows. */
export const defaultTenant = '';

/** A text that is replaced whole. */
export interface VersionedText {
  name: string;
  tenant: Tenant;
  version: Integer;
  content: string;
}

export interface ZkpAuthTables {
  zkp_users: {
    user_id: string;
    tenant: Tenant;
    created_at_ms: Milliseconds;
    suspended_at_ms: MaybeMilliseconds;
    /** Since when the user is being erased. Such a user is suspended too, and never resumed. */
    erasing_at_ms: OptionalMilliseconds;
  };
  /** Names of erased users that nobody may register. */
  zkp_reserved_names: {
    /** HMAC-SHA-256 of the name under a secret of the server, in base64url. */
    name_hash: string;
    tenant: Tenant;
    /** `null` for ever. */
    until_ms: MaybeMilliseconds;
  };
  /** Credentials of erased users. Their keys stay taken. */
  zkp_erased_credentials: {
    /** In base64url. See `erasedCredentialHash`. */
    credential_hash: string;
    tenant: Tenant;
  };
  zkp_credentials: {
    /** 16 bytes in base64url. */
    credential_id: string;
    tenant: Tenant;
    user_id: string;
    /** 32 bytes in base64url. */
    public_key: string;
    device_name: string | null;
    created_at_ms: Milliseconds;
    revoked_at_ms: MaybeMilliseconds;
    /** The id of the credential that replaced this one. */
    replaced_by: string | null;
    /**
     * The id of the lineage's first credential. `null` for credentials from before lineages, whose user has only one
     * lineage.
     */
    lineage_id: string | null;
    clone_suspected_at_ms: MaybeMilliseconds;
    kind: ColumnType<string, string | undefined, string>;
    /** The id of the credential that authorised this one, or of the one that has replaced it since. */
    added_by: ColumnType<string | null, string | null | undefined, string | null>;
    /** Until then it does not sign in. */
    pending_until_ms: OptionalMilliseconds;
    last_used_at_ms: OptionalMilliseconds;
  };
  zkp_pins: {
    /** SHA-256 of the pinId in base64url. */
    pin_hash: string;
    tenant: Tenant;
    user_id: string;
    credential_id: string;
    secret_id: string;
    tries: number;
    max_tries: number;
    /** Stray tries from the pins that this one renewed; 0 unless given. */
    carried_tries: ColumnType<Read, number | undefined, number>;
    last_try_at_ms: MaybeMilliseconds;
    enrolled_at_ms: Milliseconds;
    retired_at_ms: MaybeMilliseconds;
    /** When its credential was revoked. */
    frozen_at_ms: OptionalMilliseconds;
    /** When another device of the user unlocked it last, and the time before. */
    unlocked_at_ms: OptionalMilliseconds;
    unlocked_before_ms: OptionalMilliseconds;
    /** The newest outstanding tries, oldest first. Each is its question and a space. */
    outstanding: string;
    /** The answers to these tries. Each is its question, its challenge and a space. */
    answered: string;
  };
  zkp_session_epochs: {
    user_id: string;
    tenant: Tenant;
    epoch: Integer;
    /**
     * Only earlier releases wrote it. The migration `0006-bounded-sessions` moves that session to the present epoch.
     */
    kept_session_id: string | null;
    /** Counts the logins and endings of the user's sessions, so that racing logins notice each other. */
    changes: Integer;
    /** SQLite only: the sessions that a trigger moves to this epoch, as a JSON array of ids. */
    kept?: string | null;
  };
  zkp_sessions: {
    /** 32 bytes in base64url. */
    session_id: string;
    tenant: Tenant;
    user_id: string;
    credential_id: string;
    /** RFC 7638 thumbprint in base64url. */
    session_key: string | null;
    device_name: string | null;
    created_at_ms: Milliseconds;
    last_used_at_ms: Milliseconds;
    expires_at_ms: Milliseconds;
    ends_at_ms: Milliseconds;
    /** SHA-256 in base64url. */
    refresh_hash: string;
    /**
     * The last spent tokens, newest first. Each is its SHA-256 in base64url and 16 digits: 3 of repeats, 13 of
     * milliseconds.
     */
    spent_tokens: string;
    epoch: Integer;
    /**
     * SQLite only: the sessions that this one displaced, and that a trigger deletes. Each is its id and its
     * credential's id.
     */
    displaced?: string | null;
  };
  zkp_links: {
    /** 16 bytes in base64url. */
    link_id: string;
    tenant: Tenant;
    user_id: string;
    /** The credential that opened it. */
    credential_id: string;
    /** Origin of the API. */
    audience: string;
    /** 32 bytes in base64url. */
    commitment: string;
    /** HMAC of the code in base64url. */
    code_hash: string;
    claims: Integer;
    opened_at_ms: Milliseconds;
    expires_at_ms: Milliseconds;
    /** A day after its end. */
    forgettable_at_ms: Milliseconds;
    /** The offered key and its nonce, 32 bytes each in base64url; `null` without an offer. */
    new_public_key: string | null;
    new_nonce: string | null;
    /** The pin of the offered key; `null` without a PIN. */
    new_pin_hash: string | null;
    new_secret_id: string | null;
    new_device_name: string | null;
    /** The revealed nonce, 32 bytes in base64url. */
    nonce: string | null;
    /** `approved`, `rejected` or `ended`. */
    ended: string | null;
    ended_at_ms: MaybeMilliseconds;
  };
  zkp_enrolments: {
    /** SHA-256 of the token's secret in base64url. */
    token_hash: string;
    tenant: Tenant;
    user_id: string;
    created_at_ms: Milliseconds;
    expires_at_ms: Milliseconds;
  };
  zkp_key_rings: VersionedText;
  zkp_pin_secrets: VersionedText;
}
