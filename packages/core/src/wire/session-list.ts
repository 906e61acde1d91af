import { credentialIdLength } from '../credential-id.js';
import { sessionIdLength } from '../lengths.js';
import { isMilliseconds, type JsonOf, member, readBytesText, readMember, readObject } from './members.js';
import { isDeviceName } from './device.js';
import { noBody, type Route } from './route.js';

/** A session as its owner sees it. */
export interface SessionSummary {
  /** 32 bytes in base64url. */
  sessionId: string;
  /** The credential that signed in, 16 bytes in base64url. */
  credentialId: string;
  /** The name that the person gave the device, or `null`. */
  deviceName: string | null;
  /** Milliseconds since 1970, by the server's clock. */
  createdAtMs: number;
  /** Time of the last refresh, milliseconds since 1970. */
  lastUsedAtMs: number;
  /** Whether this session sent the request. */
  current: boolean;
}

/** Answer of `GET {base}/sessions`. */
export interface SessionListResponse {
  /** The session that was used last comes first. At most a hundred. */
  sessions: SessionSummary[];
}

export function formatSessionListResponse({ sessions }: SessionListResponse): JsonOf<SessionListResponse> {
  return { sessions: sessions.map(formatSummary) };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseSessionListResponse(body: unknown): SessionListResponse {
  const object = readObject(body);
  const sessions = readMember(object, 'sessions', isList);
  return { sessions: sessions.map(readSummary) };
}

/** The most sessions that a server lists (protocol section 7.7). */
const maxSessions = 100;

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= maxSessions;
}

function formatSummary(summary: SessionSummary): JsonOf<SessionSummary> {
  const { sessionId, credentialId, deviceName, createdAtMs, lastUsedAtMs, current } = summary;
  return { sessionId, credentialId, deviceName, createdAtMs, lastUsedAtMs, current };
}

function readSummary(value: unknown): SessionSummary {
  const object = readObject(value);
  const deviceName = member(object, 'deviceName');
  return {
    sessionId: readBytesText(object, 'sessionId', sessionIdLength),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength),
    deviceName: isDeviceName(deviceName) ? deviceName : null,
    createdAtMs: readMember(object, 'createdAtMs', isMilliseconds),
    lastUsedAtMs: readMember(object, 'lastUsedAtMs', isMilliseconds),
    current: member(object, 'current') === true,
  };
}

/** List the live sessions of the person who asks. */
export const sessionsRoute: Route<undefined, SessionListResponse> = {
  path: '/sessions',
  method: 'GET',
  status: 200,
  format: noBody,
  parse: parseSessionListResponse,
};
