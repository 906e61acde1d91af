import { credentialIdLength } from '../credential-id.js';
import { isDeviceName } from './device.js';
import { isMilliseconds, type JsonOf, member, readBytesText, readMember, readObject } from './members.js';
import { noBody, type Route } from './route.js';

const kinds = ['device', 'recovery'] as const;
const states = ['live', 'pending', 'revoked', 'replaced'] as const;

/** A credential as its owner sees it. Times are milliseconds since 1970, by the server's clock. */
export interface CredentialSummary {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** A `device` signs in. A `recovery` credential only authorises a new device. */
  kind: (typeof kinds)[number];
  /** Only a `live` one proves anything. `revoked` is for good. A `replaced` one has a successor under another key. */
  state: (typeof states)[number];
  /** The name that the person gave the device, or `null`. */
  name: string | null;
  /** The credential that authorised it, 16 bytes in base64url; `null` if none did. */
  addedBy: string | null;
  createdAtMs: number;
  /** Time of the last use, with an error of up to an hour; `null` if it was never used. */
  lastUsedAtMs: number | null;
  /** The end of being pending. Only a pending one has it. */
  pendingUntilMs?: number | undefined;
  /** When it was revoked or replaced. Only such a one has it. */
  endedAtMs?: number | undefined;
  /** Whether its PIN is locked. Only a live device under a PIN with the server's help has it. */
  pinLocked?: boolean | undefined;
  /** Whether the session that asks belongs to it. */
  current: boolean;
}

/** Answer of `GET {base}/credentials`. */
export interface CredentialListResponse {
  /** The oldest comes first. At most 32 that are live or pending, and the twenty others that ended last. */
  credentials: CredentialSummary[];
}

export function formatCredentialListResponse({
  credentials,
}: CredentialListResponse): JsonOf<CredentialListResponse> {
  return { credentials: credentials.map(formatSummary) };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseCredentialListResponse(body: unknown): CredentialListResponse {
  const credentials = readMember(readObject(body), 'credentials', isList);
  return { credentials: credentials.map(readSummary) };
}

const maxCredentials = 32 + 20;

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= maxCredentials;
}

function formatSummary(summary: CredentialSummary): JsonOf<CredentialSummary> {
  const { credentialId, kind, state, name, addedBy, createdAtMs, lastUsedAtMs, current } = summary;
  const { pendingUntilMs, endedAtMs, pinLocked } = summary;
  return {
    credentialId,
    kind,
    state,
    name,
    addedBy,
    createdAtMs,
    lastUsedAtMs,
    pendingUntilMs,
    endedAtMs,
    pinLocked,
    current,
  };
}

function readSummary(value: unknown): CredentialSummary {
  const object = readObject(value);
  const [name, pinLocked] = [member(object, 'name'), member(object, 'pinLocked')];
  const idOrNull = (of: string): string | null =>
    member(object, of) === null ? null : readBytesText(object, of, credentialIdLength);
  const time = (of: 'pendingUntilMs' | 'endedAtMs'): { [Name in typeof of]?: number } =>
    member(object, of) === undefined ? {} : { [of]: readMember(object, of, isMilliseconds) };
  return {
    credentialId: readBytesText(object, 'credentialId', credentialIdLength),
    kind: readMember(object, 'kind', (kind) => isOneOf(kinds, kind)),
    state: readMember(object, 'state', (state) => isOneOf(states, state)),
    name: isDeviceName(name) ? name : null,
    addedBy: idOrNull('addedBy'),
    createdAtMs: readMember(object, 'createdAtMs', isMilliseconds),
    lastUsedAtMs:
      member(object, 'lastUsedAtMs') === null ? null : readMember(object, 'lastUsedAtMs', isMilliseconds),
    ...time('pendingUntilMs'),
    ...time('endedAtMs'),
    ...(typeof pinLocked === 'boolean' ? { pinLocked } : {}),
    current: member(object, 'current') === true,
  };
}

function isOneOf<Text extends string>(texts: readonly Text[], value: unknown): value is Text {
  return texts.includes(value as Text);
}

/** List the credentials of the person who asks. */
export const credentialsRoute: Route<undefined, CredentialListResponse> = {
  path: '/credentials',
  method: 'GET',
  status: 200,
  format: noBody,
  parse: parseCredentialListResponse,
};
