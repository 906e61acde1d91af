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
  /** What the person named the device, if anything. */
  deviceName: string | null;
  /** Milliseconds since 1970, by the server's clock. */
  createdAtMs: number;
  /** When it was last refreshed, milliseconds since 1970. */
  lastUsedAtMs: number;
  /** Whether it is the one that asks. */
  current: boolean;
}

/** Answer of `GET {base}/sessions`. */
export interface SessionListResponse {
  /** Last used first, at most a hundred. */
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

/** No server gives more (protocol section 7.7). */
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
