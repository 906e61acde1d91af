import type { ColumnType } from 'kysely';

/** As the driver is set up to give it: a number, a bigint, or text, as PostgreSQL's driver gives a bigint. */
type Read = number | bigint | string;
type Integer = ColumnType<Read, number, number>;
/** Since 1970. */
type Milliseconds = Integer;
type MaybeMilliseconds = ColumnType<Read | null, number | null, number | null>;

/** A text that is replaced whole. */
export interface VersionedText {
  name: string;
  version: Integer;
  content: string;
}

export interface ZkpAuthTables {
  zkp_users: {
    user_id: string;
    created_at_ms: Milliseconds;
    suspended_at_ms: MaybeMilliseconds;
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
    /** The id of the credential in its place. */
    replaced_by: string | null;
    /** The id of the first credential of the lineage; `null` for the one lineage of a user from before there was this. */
    lineage_id: string | null;
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
    /** Stray tries on the pins that it renewed; 0 unless given. */
    carried_tries: ColumnType<Read, number | undefined, number>;
    last_try_at_ms: MaybeMilliseconds;
    enrolled_at_ms: Milliseconds;
    retired_at_ms: MaybeMilliseconds;
    /** The tries outstanding that were counted last, oldest first: for each its question, and a space. */
    outstanding: string;
    /** For each of their answers the question and the challenge, and a space. */
    answered: string;
  };
  zkp_session_epochs: {
    user_id: string;
    epoch: Integer;
    /** Written by earlier releases only. The migration `0006-bounded-sessions` moves that session to the present epoch. */
    kept_session_id: string | null;
    /** Counts what is done to the user's sessions as a whole, so that racing logins notice each other. */
    changes: Integer;
    /** SQLite only: the sessions that went over to this epoch, which a trigger moves. A JSON array of ids. */
    kept?: string | null;
  };
  zkp_sessions: {
    /** 32 bytes in base64url. */
    session_id: string;
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
    /** Those spent last, newest first: each its SHA-256 in base64url and 16 digits of milliseconds. */
    spent_tokens: string;
    epoch: Integer;
    /** SQLite only: the sessions that this one displaced, which a trigger removes: of each the id and the credential. */
    displaced?: string | null;
  };
  zkp_key_rings: VersionedText;
  zkp_pin_secrets: VersionedText;
}
