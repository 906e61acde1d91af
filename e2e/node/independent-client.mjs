// A client written from docs/protocol.md alone, with only Node's own modules. It shows that the page is enough. Its
// arithmetic is plain and not in constant time. Read it, test with it, and never ship it.
//
//   node independent-client.mjs BASE_URL ORIGIN USER_ID
//
// registers the user with a fresh key, signs in, refreshes the session, and prints the answer to the refresh as JSON.
//
//   node independent-client.mjs --link BASE_URL ORIGIN USER_ID
//
// registers the user, links a second device to the account with both devices in this process, signs in on it, and prints
// the digits of both devices and the second one's session as JSON.
//
//   node independent-client.mjs --recover BASE_URL ORIGIN USER_ID WORDS
//
// registers the user, makes a recovery kit, and recovers with its words on another device. It prints the ways back that
// the registration told, the state of the new device, and its session as JSON.
//
//   node independent-client.mjs --enrol BASE_URL ORIGIN TOKEN
//
// adds a device by a token of the application, and prints its session as JSON.
//
//   node independent-client.mjs --vectors FOLDER WORDS
//
// takes the inputs of message.json, link.json and recovery.json, and BIP-39's English list from the file WORDS, and
// prints the values that it makes of them as JSON.
import { createHash, generateKeyPairSync, hkdfSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

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
  return createHash(name)
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();
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

// Section 2.4: the context of link-device.

function linkDeviceContext({ flow, linkId, tokenHash, newPublicKey, newPinHash }) {
  const parts = [linkId ?? tokenHash, newPublicKey, newPinHash].map((part) =>
    LP(Buffer.from(part ?? '', 'hex')),
  );
  return Buffer.concat([LP(flow), ...parts, LP(flow === 'kit' ? 'recovery' : 'device')]);
}

// Section 10: linking a device.

function linkCodeOf(text) {
  const code = text
    .replace(/[\s\u002D\u2010-\u2015\u2212]/g, '')
    .replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 32))
    .replace(/[OIL]/g, (letter) => (letter === 'O' ? '0' : '1'));
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return code.length === 10 && [...code].every((character) => alphabet.includes(character)) ? code : null;
}

function commitmentOf({ audience, userId, XE, nonceE }) {
  return sha('sha256', ...['zkp-auth/link-commitment/2', audience, userId, XE, nonceE].map(LP));
}

function digitsOf({ audience, userId, XE, newX, linkId, nonceE, nonceN }) {
  const parts = ['zkp-auth/link-sas/2', audience, userId, XE, newX, linkId, nonceE, nonceN];
  const number = sha('sha256', ...parts.map(LP)).readBigUInt64BE(0) % 10n ** 6n;
  return String(number).padStart(6, '0');
}

// Section 11.1: the words of a recovery kit, and its key.

function readWords(list, text) {
  const typed =
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu) ?? [];
  if (typed.length !== 12) return null;
  const numbers = typed.map((word) =>
    list.findIndex((whole) => whole === word || (word.length >= 4 && whole.startsWith(word))),
  );
  if (numbers.includes(-1)) return null;
  const bits = numbers.map((number) => number.toString(2).padStart(11, '0')).join('');
  const entropy = Buffer.from(
    BigInt(`0b${bits.slice(0, 128)}`)
      .toString(16)
      .padStart(32, '0'),
    'hex',
  );
  return checksumOf(entropy) === bits.slice(128) ? entropy : null;
}

function wordsOf(list, entropy) {
  const bits = [...entropy].map((byte) => byte.toString(2).padStart(8, '0')).join('') + checksumOf(entropy);
  return bits
    .match(/.{11}/g)
    .map((number) => list[Number.parseInt(number, 2)])
    .join(' ');
}

function checksumOf(entropy) {
  return (sha('sha256', entropy)[0] >> 4).toString(2).padStart(4, '0');
}

function kitKeyOf(entropy) {
  return integer(Buffer.from(hkdfSync('sha512', entropy, '', 'zkp-auth/recovery/2', 64))) % L;
}

// Sections 3 and 4: the requests.

let nonce;

function post(url, body, key, token) {
  return request('POST', url, { body, key, token });
}

async function request(method, url, { body, key, token }) {
  const requestId = randomBytes(16).toString('base64url');
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      // The arithmetic between two requests takes longer than a server keeps an idle connection.
      Connection: 'close',
      'ZKP-Request-Id': requestId,
      ...(key === undefined ? {} : { DPoP: dpopProof(key, { method, url, token }) }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    redirect: 'error',
  });
  if (response.headers.get('ZKP-Request-Id') !== requestId)
    throw new Error('this is not the answer of the server');
  nonce = response.headers.get('DPoP-Nonce') ?? nonce;
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new Error(`${response.status} ${answer.code}`);
  return answer;
}

async function prove(purpose, who, context) {
  return proofOver(purpose, who, await challengeFor(purpose, who), context);
}

function challengeFor(purpose, { baseUrl, userId, credentialId }) {
  return post(`${baseUrl}/challenge`, { purpose, userId, credentialId });
}

function proofOver(purpose, who, { challengeId, challenge }, context) {
  const { origin, audience, userId, credentialId } = who;
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

function dpopProof({ privateKey, jwk }, { method: htm, url: htu, token }) {
  const iat = Math.floor(Date.now() / 1000);
  const ath = token === undefined ? undefined : sha('sha256', Buffer.from(token)).toString('base64url');
  const parts = [
    { typ: 'dpop+jwt', alg: 'ES256', jwk },
    { jti: randomUUID(), htm, htu, iat, nonce, ath },
  ];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** A key, and the members that each of its proofs binds. */
function holderOf(x, { baseUrl, origin, userId }) {
  const X = encodePoint(multiply(B, x));
  const audience = new URL(baseUrl).origin;
  return { baseUrl, origin, audience, userId, credentialId: credentialIdOf(X), x, X };
}

const thumbprint = (key) => ({ sessionKey: key.thumbprint.toString('base64url') });

async function register(who) {
  const sessionKey = generateSessionKey();
  const context = Buffer.concat([LP(who.X), LP(''), LP(sessionKey.thumbprint)]);
  const body = { ...(await prove('register', who, context)), publicKey: who.X.toString('base64url') };
  return post(`${who.baseUrl}/register`, { ...body, ...thumbprint(sessionKey) }, sessionKey);
}

async function logIn(who) {
  const sessionKey = generateSessionKey();
  const body = { ...(await prove('login', who, LP(sessionKey.thumbprint))), credentialId: who.credentialId };
  const url = `${who.baseUrl}/verify`;
  return { session: await post(url, { ...body, ...thumbprint(sessionKey) }, sessionKey), sessionKey };
}

/** Log in, and refresh the session. */
async function logInAndRefresh(who) {
  const { session, sessionKey } = await logIn(who);
  const { sessionId, refreshToken } = session;
  return post(`${who.baseUrl}/refresh`, { sessionId, refreshToken, audience: who.audience }, sessionKey);
}

async function signIn(baseUrl, origin, userId) {
  const who = holderOf(generateSecret(), { baseUrl, origin, userId });
  await register(who);
  return logInAndRefresh(who);
}

// Sections 10.4 to 10.10, with both devices.

async function link(baseUrl, origin, userId) {
  const at = { baseUrl, origin, userId };
  const e = holderOf(generateSecret(), at);
  await register(e);
  const { session, sessionKey } = await logIn(e);
  const asE = (method, path, body) =>
    request(method, baseUrl + path, { body, key: sessionKey, token: session.token });
  const { audience, X: XE } = e;
  const text = (bytes) => bytes.toString('base64url');
  const raw = (member) => Buffer.from(member, 'base64url');

  const nonceE = randomBytes(32);
  const opened = await asE('POST', '/links', {
    commitment: text(commitmentOf({ audience, userId, XE, nonceE })),
  });

  // N enters the code as a person types it.
  const code = linkCodeOf(`${opened.code.slice(0, 5)}-${opened.code.slice(5)}`.toLowerCase());
  const n = holderOf(generateSecret(), at);
  const claim = await post(`${baseUrl}/links/claim`, { code, credentialId: n.credentialId });
  const nonceN = randomBytes(32);
  const linkId = raw(claim.linkId);
  const context = (newX) =>
    linkDeviceContext({ flow: 'link', linkId: linkId.toString('hex'), newPublicKey: newX.toString('hex') });
  const proof = proofOver('link-device', { ...n, userId: claim.userId }, claim, context(n.X));
  const offer = { linkId: claim.linkId, code, ...proof, publicKey: text(n.X), nonce: text(nonceN) };
  const offered = await post(`${baseUrl}/links/offer`, offer);

  // E looks once, reveals, and approves what it saw.
  const seen = await asE('GET', `/links/${opened.linkId}`);
  await asE('POST', `/links/${opened.linkId}/reveal`, { nonce: text(nonceE) });
  const newX = raw(seen.publicKey);
  const digitsE = digitsOf({ audience, userId, XE, newX, linkId, nonceE, nonceN: raw(seen.nonce) });

  const state = { linkId: claim.linkId, code, credentialId: n.credentialId };
  const revealed = await post(`${baseUrl}/links/offer/state`, state);
  const asN = { audience, userId: claim.userId, XE: raw(claim.publicKey), nonceE: raw(revealed.nonce) };
  if (!commitmentOf(asN).equals(raw(claim.commitment))) throw new Error('LINK_TAMPERED');
  const digitsN = digitsOf({ ...asN, newX: n.X, linkId, nonceN });

  const approval = await prove('link-device', e, context(newX));
  await asE('POST', `/links/${opened.linkId}/approve`, { ...approval, credentialId: e.credentialId });
  const approved = await post(`${baseUrl}/links/offer/state`, state);
  const states = [offered, revealed, approved].map((answer) => answer.state);
  return { digits: [digitsE, digitsN], states, session: (await logIn(n)).session };
}

// Section 11: the device that makes a kit, and the device that uses it.

/** The members of `/kit` and `/recover`: two proofs over one challenge. */
async function twoProofs(flow, who, newcomer) {
  const issued = await challengeFor('link-device', who);
  const context = linkDeviceContext({ flow, newPublicKey: newcomer.X.toString('hex') });
  return {
    ...proofOver('link-device', who, issued, context),
    credentialId: who.credentialId,
    newPublicKey: newcomer.X.toString('base64url'),
    newProof: proofOver('link-device', newcomer, issued, context).proof,
  };
}

async function recover(baseUrl, origin, userId, wordsFile) {
  const list = readFileSync(wordsFile, 'utf8').trim().split('\n');
  const at = { baseUrl, origin, userId };
  const lost = holderOf(generateSecret(), at);
  const { waysBack } = await register(lost);
  const words = wordsOf(list, randomBytes(16));
  const kit = holderOf(kitKeyOf(readWords(list, words)), at);
  await post(`${baseUrl}/kit`, await twoProofs('kit', lost, kit));

  const found = holderOf(generateSecret(), at);
  await post(`${baseUrl}/recover`, await twoProofs('recover', kit, found));
  const context = linkDeviceContext({ flow: 'recover-state', newPublicKey: found.X.toString('hex') });
  const asked = { ...(await prove('link-device', found, context)), credentialId: found.credentialId };
  const { state } = await post(`${baseUrl}/recover/state`, asked);
  return { waysBack, state, session: await logInAndRefresh(found) };
}

// Section 12: a device with a token of the application.

async function enrol(baseUrl, origin, token) {
  const [secret, name] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
  const who = holderOf(generateSecret(), { baseUrl, origin, userId: name.toString('utf8') });
  const tokenHash = sha('sha256', secret).toString('hex');
  const context = linkDeviceContext({ flow: 'enrol', tokenHash, newPublicKey: who.X.toString('hex') });
  const proof = await prove('link-device', who, context);
  const [publicKey, secretText] = [who.X, secret].map((bytes) => bytes.toString('base64url'));
  await post(`${baseUrl}/enrol`, { ...proof, publicKey, secret: secretText });
  return logInAndRefresh(who);
}

/** The outputs for the inputs of the vectors. It reads no expected value of them. */
function replay(folder, wordsFile) {
  const load = (name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
  const bytes = (hex) => Buffer.from(hex, 'hex');
  const words = readFileSync(wordsFile, 'utf8');
  if (
    sha('sha256', words).toString('hex') !==
    '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda'
  )
    throw new Error('this is not the list of section 11.1');
  const list = words.trim().split('\n');
  const { codes, addresses, runs } = load('link.json');
  const { kits, tokens, typed } = load('recovery.json');
  return {
    messages: load('message.json')
      .messages.filter(({ purpose }) => purpose === 'link-device')
      .map(({ parts, challenge, ...fields }) => {
        const context = linkDeviceContext(parts);
        const raw = { ...fields, challenge: bytes(challenge).toString('base64url') };
        const message = boundMessage('link-device', raw, context);
        return { context: context.toString('hex'), message: message.toString('hex') };
      }),
    codes: codes.map(({ text }) => linkCodeOf(text)),
    addresses: addresses.map(({ address }) => {
      const fragment = address.slice(address.indexOf('#'));
      return fragment.startsWith('#link=') ? linkCodeOf(fragment.slice(6)) : null;
    }),
    runs: runs.map(({ audience, userId, publicKey, newPublicKey, linkId, nonceE, nonceN }) => {
      const run = {
        audience,
        userId,
        XE: bytes(publicKey),
        newX: bytes(newPublicKey),
        linkId: bytes(linkId),
        nonceE: bytes(nonceE),
        nonceN: bytes(nonceN),
      };
      return { commitment: commitmentOf(run).toString('hex'), digits: digitsOf(run) };
    }),
    kits: kits.map(({ entropy }) => {
      const x = kitKeyOf(bytes(entropy));
      const X = encodePoint(multiply(B, x));
      return {
        words: wordsOf(list, bytes(entropy)),
        secretKey: littleEndian(x).toString('hex'),
        publicKey: X.toString('hex'),
        credentialId: credentialIdOf(X),
      };
    }),
    tokens: tokens.map(({ userId, secret }) => ({
      token: [bytes(secret), Buffer.from(userId)].map((part) => part.toString('base64url')).join('.'),
      tokenHash: sha('sha256', bytes(secret)).toString('hex'),
    })),
    typed: typed.map(({ text }) => readWords(list, text)?.toString('hex') ?? null),
  };
}

const [first, ...others] = process.argv.slice(2);
const acts = { '--vectors': replay, '--link': link, '--recover': recover, '--enrol': enrol };
const run = acts[first] ?? ((...rest) => signIn(first, ...rest));
console.log(JSON.stringify(await run(...others)));
