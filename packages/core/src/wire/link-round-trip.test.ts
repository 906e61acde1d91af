import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, deviceName, members, milliseconds, optional, text, userId } from '../../test/any-message.js';
import { encodeBase64url } from '../base64url.js';
import { formatClaimLinkResponse, parseClaimLinkRequest } from './claim-link.js';
import { parseRejectLinkRequest } from './end-link.js';
import { linkPath, readLinkPath } from './link-path.js';
import { linkRoutes } from './link-routes.js';
import { parseMakeKitRequest } from './make-kit.js';
import { parseOfferLinkRequest } from './offer-link.js';
import { formatOfferStateResponse, parseOfferStateRequest } from './offer-state.js';
import { formatOpenLinkResponse, parseOpenLinkRequest } from './open-link.js';
import { parseOpenKeyRequest } from './open-key.js';
import { formatReadLinkResponse } from './read-link.js';
import { parseEnrolRequest } from './enrol.js';
import { formatRecoverStateResponse } from './recover-state.js';
import { formatRecoverResponse, parseRecoverRequest } from './recover.js';
import { recoveryRoutes } from './recovery-routes.js';
import { parseStopRecoveryRequest } from './stop-recovery.js';
import { parseRevealLinkRequest } from './reveal-link.js';
import { routes } from './routes.js';
import { formatRegistrationResponse } from './session.js';

const code = fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{10}$/);

const { proof, openKey, credential } = members;
const kit = { ...openKey, newPublicKey: bytes(32), newProof: bytes(64) };
const device = optional(fc.record({ name: deviceName }));
const pinId = optional(bytes(16));
const ended = fc.record({ state: fc.constantFrom('approved', 'rejected', 'ended', 'expired') });
const offerState = fc.oneof(
  ended,
  fc.record({ state: fc.constant('offered'), expiresInMs: milliseconds }),
  fc.record({ state: fc.constant('revealed'), expiresInMs: milliseconds, nonce: bytes(32) }),
);

/** For each route: messages, and the other side of its `format` and of its `parse`. */
interface Trips {
  request: fc.Arbitrary<unknown>;
  parseRequest: (body: unknown) => unknown;
  answer: fc.Arbitrary<unknown>;
  formatAnswer: (answer: never) => object;
}
const nothing = { answer: fc.constant(undefined), formatAnswer: () => ({}) };
const trips: Record<keyof typeof linkRoutes | keyof typeof recoveryRoutes, Trips> = {
  openLink: {
    request: fc.record({ commitment: bytes(32) }),
    parseRequest: parseOpenLinkRequest,
    answer: fc.record({ linkId: text(16), code, expiresInMs: milliseconds }),
    formatAnswer: formatOpenLinkResponse,
  },
  claimLink: {
    request: fc.record({ code, credentialId: text(16), pin: optional(fc.record({ blinded: bytes(32) })) }),
    parseRequest: parseClaimLinkRequest,
    answer: fc.record({
      linkId: text(16),
      userId,
      publicKey: bytes(32),
      commitment: bytes(32),
      challengeId: text(16),
      challenge: bytes(32),
      expiresInMs: milliseconds,
      pin: optional(fc.record({ id: bytes(16), evaluated: bytes(32), attemptsLeft: fc.nat() })),
    }),
    formatAnswer: formatClaimLinkResponse,
  },
  offerLink: {
    request: fc.record({
      ...proof,
      linkId: text(16),
      code,
      publicKey: bytes(32),
      nonce: bytes(32),
      pinId,
      device,
    }),
    parseRequest: parseOfferLinkRequest,
    answer: offerState,
    formatAnswer: formatOfferStateResponse,
  },
  offerState: {
    request: fc.record({ linkId: text(16), code, credentialId: text(16) }),
    parseRequest: parseOfferStateRequest,
    answer: offerState,
    formatAnswer: formatOfferStateResponse,
  },
  readLink: {
    request: fc.constant(undefined),
    parseRequest: () => undefined,
    answer: fc.oneof(
      ended,
      fc.record({ state: fc.constant('open'), expiresInMs: milliseconds }),
      fc.record({
        state: fc.constantFrom('offered', 'revealed'),
        expiresInMs: milliseconds,
        publicKey: bytes(32),
        pinHash: optional(bytes(32)),
        nonce: bytes(32),
        deviceName: fc.option(deviceName),
      }),
    ),
    formatAnswer: formatReadLinkResponse,
  },
  revealLink: {
    request: fc.record({ nonce: bytes(32) }),
    parseRequest: parseRevealLinkRequest,
    ...nothing,
  },
  approveLink: { request: fc.record(openKey), parseRequest: parseOpenKeyRequest, ...nothing },
  rejectLink: { request: fc.constant(undefined), parseRequest: parseRejectLinkRequest, ...nothing },
  makeKit: {
    request: fc.record(kit),
    parseRequest: parseMakeKitRequest,
    answer: fc.record(credential),
    formatAnswer: formatRegistrationResponse,
  },
  recover: {
    request: fc.record({ ...kit, pinId, device }),
    parseRequest: parseRecoverRequest,
    answer: fc.record({ ...credential, pendingForMs: optional(milliseconds) }),
    formatAnswer: formatRecoverResponse,
  },
  recoverState: {
    request: fc.record(openKey),
    parseRequest: parseOpenKeyRequest,
    answer: fc.oneof(
      fc.record({ state: fc.constant('pending'), pendingForMs: milliseconds }),
      fc.record({ state: fc.constantFrom('live', 'ended') }),
    ),
    formatAnswer: formatRecoverStateResponse,
  },
  stopRecovery: {
    request: fc.record({ credentialId: text(16), revokeKit: optional(fc.constant(true)) }),
    parseRequest: parseStopRecoveryRequest,
    ...nothing,
  },
  enrol: {
    request: fc.record({ ...proof, publicKey: bytes(32), secret: bytes(32), pinId, device }),
    parseRequest: parseEnrolRequest,
    answer: fc.record({ ...credential, pendingForMs: optional(milliseconds) }),
    formatAnswer: formatRecoverResponse,
  },
};

/** A message with one unknown member in each of its objects. */
function withStrangers(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return message;
  const members = Object.entries(message).map(([name, value]) => [name, withStrangers(value)] as const);
  return { ...Object.fromEntries(members), secretKey: new Uint8Array(32) };
}
const sent = (value: object | undefined): unknown =>
  value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);

describe.each(Object.entries({ ...linkRoutes, ...recoveryRoutes }))('%s', (name, route) => {
  const { request, parseRequest, answer, formatAnswer } = trips[name as keyof typeof trips];
  const format = route.format as (message: unknown) => object | undefined;
  const formatBack = formatAnswer as (message: unknown) => object;

  it('is read by the server as the client wrote it, and by the client as the server did', () => {
    fc.assert(
      fc.property(request, answer, (asked, answered) => {
        expect(parseRequest(sent(format(asked)))).toEqual(asked);
        expect(route.parse(sent(formatBack(answered)))).toEqual(answered);
      }),
    );
  });

  it('takes along no member that is not its own, such as a key', () => {
    fc.assert(
      fc.property(request, answer, (asked, answered) => {
        expect(JSON.stringify(format(withStrangers(asked)))).toBe(JSON.stringify(format(asked)));
        expect(JSON.stringify(formatBack(withStrangers(answered)))).toBe(
          JSON.stringify(formatBack(answered)),
        );
      }),
    );
  });
});

it('no two routes have one address, and none is served by mistake', () => {
  const all = Object.values({ ...routes, ...linkRoutes, ...recoveryRoutes });
  expect(new Set(all.map(({ method, path }) => `${method} ${path}`)).size).toBe(all.length);
  for (const name of [...Object.keys(linkRoutes), ...Object.keys(recoveryRoutes)])
    expect(routes).not.toHaveProperty(name);
});

describe('the path of a link', () => {
  const ofOne = Object.values(linkRoutes).filter(({ path }) => path.includes('{linkId}'));
  const linkId = encodeBase64url(new Uint8Array(16).fill(0xfe));

  it.each(ofOne)('$path is found again, and is no other route’s', ({ path }) => {
    expect(ofOne).toHaveLength(4);
    expect(readLinkPath(path, linkPath(path, linkId))).toBe(linkId);
    for (const other of ofOne)
      expect(readLinkPath(other.path, linkPath(path, linkId))).toBe(other.path === path ? linkId : null);
    for (const fixed of ['/links', '/links/', '/links/claim', '/links/offer', '/links/offer/state'])
      expect(readLinkPath(path, fixed)).toBeNull();
  });

  it.each(['', '..', '../sessions', `${linkId}/approve`, `${linkId}?a`, `${linkId}=`, linkId.slice(1)])(
    'no other text gets into an address: %j',
    (other) => {
      expect(() => linkPath('/links/{linkId}/reveal', other)).toThrow(TypeError);
      expect(readLinkPath('/links/{linkId}/reveal', `/links/${other}/reveal`)).toBeNull();
    },
  );

  it('a path without a place for a link has none', () => {
    expect(readLinkPath('/links', '/links')).toBeNull();
    expect(readLinkPath('/links/{linkId}/reveal', '/links/reveal')).toBeNull();
  });
});

it('a claim names no pinId, so that it takes nobody’s try', () => {
  const id = encodeBase64url(new Uint8Array(16));
  const pin = { blinded: encodeBase64url(new Uint8Array(32)) };
  const claim = { code: '7ZQ4MK10XB', credentialId: id, pin };
  expect(parseClaimLinkRequest(claim)).toHaveProperty('pin');
  for (const given of [id, null, 7, ''])
    expect(() => parseClaimLinkRequest({ ...claim, pin: { ...pin, id: given } })).toThrow(
      expect.objectContaining({ code: 'INVALID_PIN_ID' }),
    );
});

it.each(Object.entries(trips))('%s: a body that is no object is INVALID_BODY', (name, { parseRequest }) => {
  for (const body of [null, undefined, [], 'text', 7])
    if (name !== 'readLink')
      expect(() => parseRequest(body)).toThrow(expect.objectContaining({ code: 'INVALID_BODY' }));
});

it.each(['OPEN', 'open ', '', 'toString', 'unknown', null, 7, undefined, ['open']])(
  'a state of %j is not the protocol',
  (state) => {
    const parsers = [linkRoutes.readLink, linkRoutes.offerState, recoveryRoutes.recoverState];
    for (const { parse } of parsers)
      expect(() => parse({ state, expiresInMs: 1, pendingForMs: 1 })).toThrow(
        expect.objectContaining({ code: 'INVALID_RESPONSE' }),
      );
  },
);
