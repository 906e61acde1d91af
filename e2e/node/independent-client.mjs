// A client written from docs/protocol.md alone, with only Node's own modules. It shows that the page is enough. Its
// arithmetic is plain and not in constant time. Read it, test with it, and never ship it.
//
//   node independent-client.mjs BASE_URL ORIGIN USER_ID
//
// It registers the user with a fresh key, signs in, refreshes the session, and prints the answer to the refresh as
// JSON.
import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';

// edwards25519: -x² + y² = 1 + d·x²·y² over p, base point B of order L.
const p = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const d = mod(-121665n * inverse(121666n));
const B = [
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
];

function mod(value, modulus = p) {
  return ((value % modulus) + modulus) % modulus;
}

function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b))
    if (e & 1n) result = mod(result * b);
  return result;
}

function inverse(value) {
  return power(value, p - 2n);
}

function add([x1, y1], [x2, y2]) {
  const product = mod(d * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + y1 * x2) * inverse(1n + product)), mod((y1 * y2 + x1 * x2) * inverse(1n - product))];
}

function multiply(point, scalar) {
  let result = [0n, 1n];
  for (let q = point, s = scalar; s > 0n; s >>= 1n, q = add(q, q)) if (s & 1n) result = add(result, q);
  return result;
}

function littleEndian(value) {
  return Buffer.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed());
}

function integer(bytes) {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`);
}

function encodePoint([x, y]) {
  return littleEndian(y | ((x & 1n) << 255n));
}

// Section 1: the proof.

function generateSecret() {
  for (;;) {
    const bytes = randomBytes(32);
    bytes[31] &= 0x1f;
    const x = integer(bytes);
    if (x > 0n && x < L) return x;
  }
}

function sha(name, ...parts) {
  return createHash(name).update(Buffer.concat(parts)).digest();
}

function computeProof(x, m) {
  const X = encodePoint(multiply(B, x));
  const r = integer(sha('sha512', Buffer.from('zkp-auth/nonce'), randomBytes(32), littleEndian(x), m)) % L;
  const R = encodePoint(multiply(B, r));
  const c = integer(sha('sha512', R, X, m)) % L;
  return Buffer.concat([R, littleEndian((r + c * x) % L)]);
}

// Section 2: the bound message.

function LP(value) {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function boundMessage(purpose, fields, context) {
  const names = ['origin', 'audience', 'userId', 'credentialId', 'challengeId'];
  return sha(
    'sha256',
    Buffer.from([0xff]),
    LP('zkp-auth/2'),
    LP('ed25519-schnorr-sha512'),
    LP(purpose),
    ...names.map((name) => LP(fields[name])),
    LP(Buffer.from(fields.challenge, 'base64url')),
    LP(context),
  );
}

function credentialIdOf(X) {
  return sha('sha256', Buffer.from('zkp-auth/credential'), X).subarray(0, 16).toString('base64url');
}

// Sections 3 and 4: the requests.

let nonce;

async function post(url, body, key) {
  const requestId = randomBytes(16).toString('base64url');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'ZKP-Request-Id': requestId,
      ...(key === undefined ? {} : { DPoP: dpopProof(key, 'POST', url) }),
    },
    body: JSON.stringify(body),
    redirect: 'error',
  });
  if (response.headers.get('ZKP-Request-Id') !== requestId)
    throw new Error('this is not the answer of the server');
  nonce = response.headers.get('DPoP-Nonce') ?? nonce;
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${answer.code}`);
  return answer;
}

async function prove(purpose, who, context) {
  const { origin, audience, userId, credentialId, baseUrl } = who;
  const { challengeId, challenge } = await post(`${baseUrl}/challenge`, { purpose, userId, credentialId });
  const message = boundMessage(
    purpose,
    { origin, audience, userId, credentialId, challengeId, challenge },
    context,
  );
  return { userId, challengeId, origin, audience, proof: computeProof(who.x, message).toString('base64url') };
}

// The session's key, and its proofs (RFC 9449).

function generateSessionKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x: keyX, y: keyY } = publicKey.export({ format: 'jwk' });
  const jwk = { crv, kty, x: keyX, y: keyY };
  return { privateKey, jwk, thumbprint: sha('sha256', Buffer.from(JSON.stringify(jwk))) };
}

function dpopProof({ privateKey, jwk }, htm, htu) {
  const iat = Math.floor(Date.now() / 1000);
  const parts = [
    { typ: 'dpop+jwt', alg: 'ES256', jwk },
    { jti: randomUUID(), htm, htu, iat, nonce },
  ];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const [baseUrl, origin, userId] = process.argv.slice(2);
const x = generateSecret();
const X = encodePoint(multiply(B, x));
const who = {
  baseUrl,
  origin,
  audience: new URL(baseUrl).origin,
  userId,
  credentialId: credentialIdOf(X),
  x,
};

const registrationKey = generateSessionKey();
const registration = await prove(
  'register',
  who,
  Buffer.concat([LP(X), LP(''), LP(registrationKey.thumbprint)]),
);
const thumbprint = (key) => ({ sessionKey: key.thumbprint.toString('base64url') });
await post(
  `${baseUrl}/register`,
  { ...registration, publicKey: X.toString('base64url'), ...thumbprint(registrationKey) },
  registrationKey,
);
const sessionKey = generateSessionKey();
const login = await prove('login', who, LP(sessionKey.thumbprint));
const { sessionId, refreshToken } = await post(
  `${baseUrl}/verify`,
  { ...login, credentialId: who.credentialId, ...thumbprint(sessionKey) },
  sessionKey,
);
const refreshed = { sessionId, refreshToken, audience: who.audience };
console.log(JSON.stringify(await post(`${baseUrl}/refresh`, refreshed, sessionKey)));
