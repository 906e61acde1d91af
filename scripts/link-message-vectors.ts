// The requests and answers of linking and recovery, and for each member the values that are refused.
import {
  computeProof,
  credentialIdOf,
  formatOpenKeyRequest,
  parseChallengeRequest,
  parseOpenKeyRequest,
  parseRegistrationResponse,
  type ZkpAuthError,
} from '../packages/core/dist/index.node.js';
import * as linking from '../packages/core/dist/linking.js';
import * as recovery from '../packages/core/dist/recovery.js';
import { b64u, counting, filled, type Json, keys } from './vector-bytes.ts';

interface Message {
  route: string;
  body: object;
  parse: (body: unknown) => unknown;
}

const [{ secretKey, publicKey }, { publicKey: newPublicKey }] = keys as [(typeof keys)[0], (typeof keys)[0]];
/** A proof as far as its form goes. The server would not take it. */
const proof = computeProof(secretKey, filled(32, 0), { random: counting(7) });
const [linkId, code, nonce] = [b64u(filled(16, 0x10)), '7ZQ4MK10XB', filled(32, 0x20)];
const { linkRoutes } = linking;
const { recoveryRoutes } = recovery;

const openKey = {
  userId: 'zoë',
  challengeId: b64u(filled(16, 0x30)),
  origin: 'https://app.example',
  audience: 'https://api.example',
  proof,
  credentialId: credentialIdOf(publicKey),
};
const newKey = { ...openKey, newPublicKey, newProof: proof };
const device = { name: 'Firefox on Linux' };
const pinId = filled(16, 1);
const expiresInMs = 600_000;
const commitment = filled(32, 0x50);

const requests: Message[] = [
  {
    route: 'POST /challenge',
    body: { purpose: 'link-device', userId: openKey.userId, credentialId: openKey.credentialId },
    parse: (body) => parseChallengeRequest(body, ['login', 'link-device']),
  },
  {
    route: 'POST /links',
    body: linking.formatOpenLinkRequest({ commitment }),
    parse: linking.parseOpenLinkRequest,
  },
  {
    route: 'POST /links/claim',
    body: linking.formatClaimLinkRequest({
      code,
      credentialId: credentialIdOf(newPublicKey),
      pin: { blinded: filled(32, 0x70) },
    }),
    parse: linking.parseClaimLinkRequest,
  },
  {
    route: 'POST /links/offer',
    body: linking.formatOfferLinkRequest({
      ...openKey,
      linkId,
      code,
      publicKey: newPublicKey,
      nonce,
      pinId,
      device,
    }),
    parse: linking.parseOfferLinkRequest,
  },
  {
    route: 'POST /links/offer/state',
    body: linking.formatOfferStateRequest({ linkId, code, credentialId: credentialIdOf(newPublicKey) }),
    parse: linking.parseOfferStateRequest,
  },
  {
    route: 'POST /links/{linkId}/reveal',
    body: linking.formatRevealLinkRequest({ nonce }),
    parse: linking.parseRevealLinkRequest,
  },
  {
    route: 'POST /links/{linkId}/approve',
    body: formatOpenKeyRequest(openKey),
    parse: parseOpenKeyRequest,
  },
  { route: 'POST /links/{linkId}/reject', body: {}, parse: linking.parseRejectLinkRequest },
  { route: 'POST /kit', body: recovery.formatMakeKitRequest(newKey), parse: recovery.parseMakeKitRequest },
  {
    route: 'POST /recover',
    body: recovery.formatRecoverRequest({ ...newKey, pinId, device }),
    parse: recovery.parseRecoverRequest,
  },
  { route: 'POST /recover/state', body: formatOpenKeyRequest(openKey), parse: parseOpenKeyRequest },
  {
    route: 'POST /recover/stop',
    body: recovery.formatStopRecoveryRequest({ credentialId: openKey.credentialId, revokeKit: true }),
    parse: recovery.parseStopRecoveryRequest,
  },
  {
    route: 'POST /enrol',
    body: recovery.formatEnrolRequest({ ...openKey, publicKey, secret: filled(32, 0x80), pinId, device }),
    parse: recovery.parseEnrolRequest,
  },
];

const offered = {
  expiresInMs,
  publicKey: newPublicKey,
  pinHash: filled(32, 0x60),
  nonce,
  deviceName: device.name,
};
const created = { userId: openKey.userId, credentialId: credentialIdOf(newPublicKey) };

const answers: Message[] = [
  {
    route: 'POST /links',
    body: linking.formatOpenLinkResponse({ linkId, code, expiresInMs }),
    parse: linkRoutes.openLink.parse,
  },
  {
    route: 'POST /links/claim',
    body: linking.formatClaimLinkResponse({
      linkId,
      userId: openKey.userId,
      publicKey,
      commitment,
      challengeId: openKey.challengeId,
      challenge: filled(32, 0x40),
      expiresInMs,
      pin: { id: pinId, evaluated: filled(32, 0x71), attemptsLeft: 10 },
    }),
    parse: linkRoutes.claimLink.parse,
  },
  ...(
    [
      { state: 'offered', expiresInMs },
      { state: 'revealed', expiresInMs, nonce },
      { state: 'approved' },
    ] as const
  ).map((response) => ({
    route: response.state === 'offered' ? 'POST /links/offer' : 'POST /links/offer/state',
    body: linking.formatOfferStateResponse(response),
    parse: linkRoutes.offerState.parse,
  })),
  ...(
    [
      { state: 'open', expiresInMs },
      { state: 'offered', ...offered },
      { state: 'revealed', ...offered, pinHash: undefined, deviceName: null },
      { state: 'rejected' },
      { state: 'ended' },
      { state: 'expired' },
    ] as const
  ).map((response) => ({
    route: 'GET /links/{linkId}',
    body: linking.formatReadLinkResponse(response),
    parse: linkRoutes.readLink.parse,
  })),
  { route: 'POST /kit', body: created, parse: parseRegistrationResponse },
  {
    route: 'POST /recover',
    body: recovery.formatRecoverResponse({ ...created, pendingForMs: 86_400_000 }),
    parse: recoveryRoutes.recover.parse,
  },
  {
    route: 'POST /enrol',
    body: recovery.formatRecoverResponse({ ...created, pendingForMs: undefined }),
    parse: recoveryRoutes.enrol.parse,
  },
  ...([{ state: 'pending', pendingForMs: 86_400_000 }, { state: 'live' }, { state: 'ended' }] as const).map(
    (response) => ({
      route: 'POST /recover/state',
      body: recovery.formatRecoverStateResponse(response),
      parse: recoveryRoutes.recoverState.parse,
    }),
  ),
];

/** Values of wrong types, lengths and encodings. Each is tried in the place of each member. */
const strange: readonly unknown[] = [null, 7, '', b64u(filled(15, 0)), `${b64u(filled(32, 0))}=`];

function row({ route, body, parse }: Message): Json {
  const whole = JSON.parse(JSON.stringify(body)) as Json;
  parse(whole);
  const refused = Object.keys(whole).flatMap((member) => {
    const codes = Map.groupBy(strange, (value) => refusalOf(() => parse({ ...whole, [member]: value })));
    return [...codes].flatMap(([code, values]) => (code === null ? [] : [{ member, code, values }]));
  });
  return { route, body: whole, refused };
}

function refusalOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    return (error as ZkpAuthError).code;
  }
}

/** Members of wire.json. */
export function linkMessageVectors(): Json {
  return { requests: requests.map(row), answers: answers.map(row) };
}
