import type { ChallengeRequest, ChallengeResponse } from './challenge.js';
import type { ChangePinRequest } from './change-pin.js';
import type { EndSessionsRequest } from './end-sessions.js';
import type { OpenKeyRequest } from './open-key.js';
import type { RegisterRequest } from './register.js';
import type { RotateKeyRequest } from './rotate-key.js';
import type { NewKeyResponse, SessionResponse } from './session.js';
import type { SessionListResponse } from './session-list.js';
import type { SessionRequest } from './session-request.js';
import type { VerifyRequest } from './verify.js';

/** A route of the server: its address below the base, its method, and the one status of its success. */
export interface RouteShape {
  path: `/${string}`;
  method: 'GET' | 'POST';
  /** A client takes no other status for a success. 204 has no body. */
  status: 200 | 201 | 204;
}

/** Every route of the protocol (sections 3 to 7). Client and server read them here. */
export const routes = {
  challenge: { path: '/challenge', method: 'POST', status: 200 },
  register: { path: '/register', method: 'POST', status: 201 },
  verify: { path: '/verify', method: 'POST', status: 200 },
  pin: { path: '/pin', method: 'POST', status: 204 },
  rotateKey: { path: '/rotate-key', method: 'POST', status: 200 },
  openKey: { path: '/open-key', method: 'POST', status: 204 },
  refresh: { path: '/refresh', method: 'POST', status: 200 },
  signOut: { path: '/sign-out', method: 'POST', status: 204 },
  sessions: { path: '/sessions', method: 'GET', status: 200 },
  endSessions: { path: '/sessions/end', method: 'POST', status: 204 },
} as const;

export type RouteName = keyof typeof routes;

/** The messages of every route. `undefined` stands for no body. */
export interface RouteMessages {
  challenge: { request: ChallengeRequest; answer: ChallengeResponse };
  register: { request: RegisterRequest; answer: NewKeyResponse };
  verify: { request: VerifyRequest; answer: SessionResponse };
  pin: { request: ChangePinRequest; answer: undefined };
  rotateKey: { request: RotateKeyRequest; answer: NewKeyResponse };
  openKey: { request: OpenKeyRequest; answer: undefined };
  refresh: { request: SessionRequest; answer: SessionResponse };
  signOut: { request: SessionRequest; answer: undefined };
  sessions: { request: undefined; answer: SessionListResponse };
  endSessions: { request: EndSessionsRequest; answer: undefined };
}

export type RequestOf<Route extends RouteName> = RouteMessages[Route]['request'];
export type AnswerOf<Route extends RouteName> = RouteMessages[Route]['answer'];
