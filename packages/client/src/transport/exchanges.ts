import {
  type AnswerOf,
  formatChallengeRequest,
  formatChangePinRequest,
  formatEndSessionsRequest,
  formatOpenKeyRequest,
  formatRegisterRequest,
  formatRotateKeyRequest,
  formatSessionRequest,
  formatVerifyRequest,
  parseChallengeResponse,
  parseNewKeyResponse,
  parseSessionListResponse,
  parseSessionResponse,
  type RequestOf,
  type RouteName,
} from '@zkp-auth/core';

/** How a request becomes JSON, and how the JSON of its answer is read. `undefined` stands for no body. */
export type Exchange<Request, Answer> = readonly [
  format: (request: Request) => object | undefined,
  parse: (body: unknown) => Answer,
];

const nothing = (): undefined => undefined;

/** What this client says to each route, and what it is told. */
export const exchanges: { readonly [Route in RouteName]: Exchange<RequestOf<Route>, AnswerOf<Route>> } = {
  challenge: [formatChallengeRequest, parseChallengeResponse],
  register: [formatRegisterRequest, parseNewKeyResponse],
  verify: [formatVerifyRequest, parseSessionResponse],
  pin: [formatChangePinRequest, nothing],
  rotateKey: [formatRotateKeyRequest, parseNewKeyResponse],
  openKey: [formatOpenKeyRequest, nothing],
  refresh: [formatSessionRequest, parseSessionResponse],
  signOut: [formatSessionRequest, nothing],
  sessions: [nothing, parseSessionListResponse],
  endSessions: [formatEndSessionsRequest, nothing],
};
