// Write docs/vectors/*.json, fixed inputs with the protocol's outputs, for other implementations to replay. With
// --check, only say whether the files are current.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { pinInForm2 } from '../packages/client/dist/pins/pin-form.js';
import { deriveKey } from '../packages/client/dist/vault/derive-key.js';
import { passkeyWrappingKey } from '../packages/client/dist/vault/passkey-wrapping-key.js';
import {
  buildMessage,
  changePinContext,
  computeProof,
  confirmContext,
  credentialIdOf,
  formatKeyBlob,
  formatVaultRecord,
  isValidOrigin,
  isValidUserId,
  linkDeviceContext,
  loginContext,
  newKeyContext,
  type PasskeySlot,
  pinHashOf,
  publicKeyOf,
  registerContext,
  returnTryAction,
  type RouteName,
  routes,
  type RouteShape,
  type SecretSlot,
  slotAdditionalData,
  verifyProof,
} from '../packages/core/dist/index.node.js';
import {
  bytesToScalar,
  groupOrder,
  hashToScalar,
  Point,
  scalarToBytes,
} from '../packages/core/dist/curve.js';
import { derivePinScalar } from '../packages/server/dist/pin/derive-pin-scalar.js';
import { enrolmentHashOf } from '../packages/core/dist/recovery.js';
import { loadSodiumEvaluator } from '../packages/server/dist/pin/sodium-evaluator.js';
import { linkVectors, recoveryVectors } from './link-vectors.ts';
import { linkMessageVectors } from './link-message-vectors.ts';
import { root } from './run.ts';
import { b64u, concat, counting, filled, hex, type Json, keys } from './vector-bytes.ts';

const messages = [new Uint8Array(32), filled(32, 0), new Uint8Array(32).fill(0xff)];

function proofVectors(): Json {
  const valid = keys.flatMap(({ secretKey, publicKey }) =>
    messages.map((message, i) => {
      const randomness = filled(32, 0xa0 + i);
      const proof = computeProof(secretKey, message, { random: () => randomness });
      return {
        secretKey: hex(secretKey),
        publicKey: hex(publicKey),
        message: hex(message),
        randomness: hex(randomness),
        proof: hex(proof),
        credentialId: credentialIdOf(publicKey),
      };
    }),
  );
  return { about: 'Protocol section 1. All values in hex but credentialId.', valid, verdicts: verdicts() };
}

/** The answers that a verifier must give to inputs on which implementations are known to differ. */
function verdicts(): Json[] {
  const [{ secretKey, publicKey }] = keys as [(typeof keys)[0]];
  const message = messages[1] as Uint8Array;
  const proof = computeProof(secretKey, message, { random: counting(7) });
  const R = proof.subarray(0, 32);
  const s = bytesToScalar(proof.subarray(32));
  const x = bytesToScalar(secretKey);
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', false);
  const identity = Point.ZERO.toBytes();
  const solve = (r: bigint, encodedR: Uint8Array, X: Uint8Array, secret: bigint): Uint8Array =>
    concat(encodedR, scalarToBytes((r + hashToScalar(encodedR, X, message) * secret) % groupOrder));
  const honestR = Point.BASE.multiply(99n);
  const mixedR = honestR.add(torsion).toBytes();
  const mixedX = Point.fromBytes(publicKey, false).add(torsion).toBytes();
  const smallX = torsion.toBytes();
  const signedIdentity = Uint8Array.from(identity, (byte, i) => (i === 31 ? byte | 0x80 : byte));
  const unreducedIdentity = littleEndian(Point.Fp.ORDER + 1n);
  const row = (comment: string, X: Uint8Array, bytes: Uint8Array): Json => ({
    comment,
    publicKey: hex(X),
    message: hex(message),
    proof: hex(bytes),
    valid: verifyProof(X, message, bytes),
  });
  return [
    row('an honest proof', publicKey, proof),
    row('s + L in place of s', publicKey, concat(R, littleEndian(s + groupOrder))),
    row('s = L', publicKey, concat(R, littleEndian(groupOrder))),
    row('s = 0', publicKey, concat(R, new Uint8Array(32))),
    row('R is the identity, the equation holds', publicKey, solve(0n, identity, publicKey, x)),
    row('R is the identity with a sign bit', publicKey, solve(0n, signedIdentity, publicKey, x)),
    row('R is the identity with y = p + 1', publicKey, solve(0n, unreducedIdentity, publicKey, x)),
    row('R of order 8', publicKey, solve(0n, smallX, publicKey, x)),
    row('R of mixed order: holds with the cofactor only', publicKey, solve(99n, mixedR, publicKey, x)),
    row('public key of order 8, s·B = R', smallX, concat(honestR.toBytes(), scalarToBytes(99n))),
    row('public key is the identity, s·B = R', identity, concat(honestR.toBytes(), scalarToBytes(99n))),
    row('public key of mixed order', mixedX, solve(99n, honestR.toBytes(), mixedX, x)),
    row('public key with y = p + 1', unreducedIdentity, solve(99n, honestR.toBytes(), unreducedIdentity, 0n)),
    row('public key that is not on the curve', littleEndian(2n), proof),
    row('proof of 63 bytes', publicKey, proof.subarray(0, 63)),
    row('proof of 65 bytes', publicKey, concat(proof, new Uint8Array(1))),
    row('public key of 31 bytes', publicKey.subarray(0, 31), proof),
  ];
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function messageVectors(): Json {
  const { publicKey } = keys[0] as (typeof keys)[0];
  const newPublicKey = (keys[1] as (typeof keys)[0]).publicKey;
  const [pinId, oldPinId, sessionKey, payload] = [
    filled(16, 1),
    filled(16, 2),
    filled(32, 3),
    Buffer.from('{"to":"bob"}'),
  ];
  const [linkId, newPinHash] = [filled(16, 4), pinHashOf(pinId)];
  const tokenHash = enrolmentHashOf(filled(32, 0x80));
  const contexts: [string, Json, Uint8Array][] = [
    ['register', { publicKey: hex(publicKey) }, registerContext({ publicKey })],
    [
      'register',
      { publicKey: hex(publicKey), pinId: hex(pinId), sessionKey: hex(sessionKey) },
      registerContext({ publicKey, pinId, sessionKey }),
    ],
    ['login', {}, loginContext()],
    ['login', { sessionKey: hex(sessionKey) }, loginContext({ sessionKey })],
    ['confirm', { action: 'pay', payload: hex(payload) }, confirmContext({ action: 'pay', payload })],
    [
      'change-pin',
      { oldPinId: hex(oldPinId), newPinId: hex(pinId) },
      changePinContext({ oldPinId, newPinId: pinId }),
    ],
    [
      'rotate-key',
      { newPublicKey: hex(newPublicKey), newPinId: hex(pinId) },
      newKeyContext({ newPublicKey, newPinId: pinId }),
    ],
    [
      'link-device',
      { flow: 'link', linkId: hex(linkId), newPublicKey: hex(newPublicKey), newPinHash: hex(newPinHash) },
      linkDeviceContext({ flow: 'link', linkId, newPublicKey, newPinHash }),
    ],
    // A return (section 5.9).
    [
      'confirm',
      { action: returnTryAction, payload: '' },
      confirmContext({ action: returnTryAction, payload: new Uint8Array(0) }),
    ],
    // The other flows of link-device (section 10.1), and a link without a PIN.
    [
      'link-device',
      { flow: 'link', linkId: hex(linkId), newPublicKey: hex(newPublicKey) },
      linkDeviceContext({ flow: 'link', linkId, newPublicKey }),
    ],
    [
      'link-device',
      { flow: 'kit', newPublicKey: hex(newPublicKey) },
      linkDeviceContext({ flow: 'kit', newPublicKey }),
    ],
    [
      'link-device',
      { flow: 'recover', newPublicKey: hex(newPublicKey), newPinHash: hex(newPinHash) },
      linkDeviceContext({ flow: 'recover', newPublicKey, newPinHash }),
    ],
    [
      'link-device',
      { flow: 'recover-state', newPublicKey: hex(newPublicKey) },
      linkDeviceContext({ flow: 'recover-state', newPublicKey }),
    ],
    // The origin and challenge of a row follow from its place, so that a new flow comes last.
    [
      'link-device',
      {
        flow: 'enrol',
        tokenHash: hex(tokenHash),
        newPublicKey: hex(newPublicKey),
        newPinHash: hex(newPinHash),
      },
      linkDeviceContext({ flow: 'enrol', tokenHash, newPublicKey, newPinHash }),
    ],
  ];
  const challenge = filled(32, 0x40);
  const rows = contexts.map(([purpose, parts, context], i) => {
    const fields = {
      origin: 'https://app.example',
      audience: i % 2 === 0 ? 'https://api.example' : 'http://localhost:3000',
      userId: i % 2 === 0 ? 'alice' : 'zo\u00eb@\u4f8b\u3048.example',
      credentialId: credentialIdOf(publicKey),
      challengeId: b64u(filled(16, 0x30 + i)),
    };
    const message = buildMessage({ ...fields, purpose: purpose as 'login', challenge, context });
    return {
      purpose,
      parts,
      context: hex(context),
      ...fields,
      challenge: hex(challenge),
      message: hex(message),
    };
  });
  return { about: 'Protocol section 2. Bytes in hex; ids as the text that is bound.', messages: rows };
}

function wireVectors(): Json {
  const userIds = [
    'alice',
    'zo\u00eb',
    'zoe\u0308',
    ' alice',
    'alice\u00a0',
    'a\u0000b',
    '',
    'x'.repeat(256),
    'x'.repeat(257),
    '\u00e9'.repeat(129),
  ];
  const origins = [
    'https://app.example',
    'https://app.example:8443',
    'https://app.example:443',
    'https://app.example/',
    'https://APP.example',
    'http://app.example',
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://[::1]:3000',
    'null',
  ];
  const texts = [
    b64u(filled(16, 0)),
    `${b64u(filled(16, 0))}==`,
    `${'A'.repeat(21)}B`,
    '+'.repeat(22),
    'A'.repeat(23),
  ];
  const isId = (text: string): boolean => /^[\w-]{22}$/.test(text) && /[AQgw]$/.test(text);
  return {
    about: 'Protocol sections 2 and "Notation": what is accepted on the wire.',
    userIds: userIds.map((userId) => ({ userId, valid: isValidUserId(userId) })),
    origins: origins.map((origin) => ({ origin, valid: isValidOrigin(origin) })),
    ids16: texts.map((text) => ({ text, valid: isId(text) })),
    ...linkMessageVectors(),
    credentialRequests: credentialRequests(),
  };
}

/** Bodies of section 9. Each is the text that is confirmed. */
function credentialRequests(): Json[] {
  const credentialId = b64u(filled(16, 0x30));
  const long = '\u{1f4f1}'.repeat(64);
  const rows: [RouteName, object, boolean][] = [
    ['renameCredential', { credentialId, name: 'Zo\u00eb\u2019s phone' }, true],
    ['renameCredential', { credentialId, name: long }, true],
    ['renameCredential', { credentialId, name: `${long}x` }, false],
    ['renameCredential', { credentialId, name: 'a\u0000b' }, false],
    ['renameCredential', { credentialId }, false],
    ['revokeCredential', { credentialId }, true],
    ['revokeCredential', { credentialId, evenTheLast: true }, true],
    ['revokeCredential', { credentialId: `${credentialId}==` }, false],
    ['unlockPin', { credentialId }, true],
    ['unlockPin', {}, false],
    ['deleteAccount', { userId: 'Zo\u00eb' }, true],
    ['deleteAccount', { userId: 'Zoe\u0308' }, false],
    ['deleteAccount', {}, false],
  ];
  return rows.map(([name, body, valid]) => {
    const { action, path } = routes[name] as RouteShape;
    return { action: action as string, path, body: JSON.stringify(body), valid };
  });
}

const { secretKey: recordSecret, publicKey: recordKey } = keys[0] as (typeof keys)[0];
/** The record of all vectors, without its slots. */
const recordHead = {
  userId: 'alice',
  audience: 'https://api.example',
  publicKey: recordKey,
  credentialId: credentialIdOf(recordKey),
  createdAt: '2026-01-02T03:04:05.678Z',
};

type Unsealed<Slot> = Omit<Slot, 'iv' | 'ct'>;

/** The record's secret in a slot. */
async function seal<Slot extends Unsealed<SecretSlot> | Unsealed<PasskeySlot>>(
  slot: Slot,
  key: Awaited<ReturnType<typeof deriveKey>>,
  firstOfIv: number,
): Promise<Slot & { iv: Uint8Array; ct: Uint8Array }> {
  const iv = filled(12, firstOfIv);
  const additionalData = Buffer.from(slotAdditionalData(recordHead, slot));
  const gcm = { name: 'AES-GCM', iv: Buffer.from(iv), additionalData };
  return {
    ...slot,
    iv,
    ct: new Uint8Array(await crypto.subtle.encrypt(gcm, key, Buffer.from(recordSecret))),
  };
}

async function vaultVectors(): Promise<Json> {
  const pin = 'pass\uff11\uff12\u00e9';
  const slot = { kind: 'pin', kdf: { m: 65_536, t: 3, p: 1, salt: filled(16, 0x50) }, pinId: null } as const;
  const key = await deriveKey(Buffer.from(pin.normalize('NFKC')), slot.kdf);
  const record = { ...recordHead, slots: [await seal(slot, key, 0x60)] };
  return {
    about:
      'Protocol section 6: a record, and what opens it. The PIN has full-width digits: its NFKC is what counts.',
    pin,
    pinNfkcUtf8: hex(Buffer.from(pin.normalize('NFKC'))),
    secretKey: hex(recordSecret),
    publicKey: hex(publicKeyOf(recordSecret)),
    additionalData: hex(slotAdditionalData(recordHead, slot)),
    record: formatVaultRecord(record),
  };
}

const { oprf } = ristretto255_oprf;
const somePin = 'pass\uff11\uff12\u00e9';
const serverPinSecret = filled(32, 0x80);
const { reduce } = await loadSodiumEvaluator();

/** A PIN on its way through the server, with every byte fixed. */
function evaluatedPin(
  pinId: Uint8Array,
  text: string = somePin.normalize('NFKC'),
): Record<'blind' | 'blinded' | 'scalar' | 'evaluated' | 'output', Uint8Array> {
  const input = Buffer.from(text);
  const { blind, blinded } = oprf.blind(input, (length = 0) => filled(length, 0x21));
  const scalar = derivePinScalar(reduce, serverPinSecret, pinId);
  const evaluated = oprf.blindEvaluate(scalar, blinded);
  return { blind, blinded, scalar, evaluated, output: oprf.finalize(input, blind, evaluated) };
}

function pinVectors(): Json {
  const rows = [filled(16, 0), filled(16, 0xf0)].map((pinId) => {
    const values = Object.entries(evaluatedPin(pinId)).map(([name, value]) => [name, hex(value)]);
    return { pinId: hex(pinId), ...(Object.fromEntries(values) as Json) };
  });
  return {
    about: 'Protocol section 5. Bytes in hex; the blind is fixed here, and drawn for every use otherwise.',
    pin: somePin,
    pinNfkcUtf8: hex(Buffer.from(somePin.normalize('NFKC'))),
    serverPinSecret: hex(serverPinSecret),
    evaluations: rows,
  };
}

/** PINs and their form 2, and a blob whose slots have members that the first readers did not know. */
async function pinFormVectors(): Promise<Json> {
  const typed: [comment: string, pin: string][] = [
    ['ASCII digits', '482619'],
    ['Arabic-Indic digits', '\u0664\u0668\u0662\u0666\u0661\u0669'],
    ['extended Arabic-Indic digits', '\u06f4\u06f8\u06f2\u06f6\u06f1\u06f9'],
    ['Devanagari digits', '\u096a\u096e\u0968\u096c\u0967\u096f'],
    ['full-width digits', '\uff14\uff18\uff12\uff16\uff11\uff19'],
    [
      'digits of the supplementary planes: Tolong Siki, Adlam',
      '\u{11de4}\u{11de8}\u{11de2}\u{1e956}\u{1e951}\u{1e959}',
    ],
    ['the second of two blocks side by side', '\u{116de}\u{116e2}\u{116dc}\u{116d6}\u{116d1}\u{116d9}'],
    ['white space behind', '482619 \n'],
    ['byte order mark, zero-width space, bidi marks around', '\ufeff\u200b482619\u200e\u2069'],
    ['grouped by spaces', '482 619'],
    ['grouped by hyphens', '48-26-19'],
    ['en dash, minus sign, full-width hyphen-minus', '48\u201326\u22121\uff0d9'],
    ['dots, slashes, colons, commas, low lines', '4.8/2:6,1_9'],
    ['separators at the ends', '-482619.'],
    ['apostrophes and middle dots', "48'26\u201919\u00b7"],
    ['emoji keycaps', '4\ufe0f\u20e38\ufe0f\u20e32\ufe0f\u20e36\ufe0f\u20e31\ufe0f\u20e39\ufe0f\u20e3'],
    ['other signs are no separators', '482+619'],
    ['letters: only what is outer goes, and digits count by value', ' pa55-\u096aon\u00a0'],
    ['letters: NFKC', 'pass\uff11\uff12e\u0301'],
    ['letters inside keep their white space, as NFKC has it', 'four\u00a0eight'],
    ['separators alone are no digits', '-.-.-.'],
    ['a compatibility character whose NFKC begins with a space', '\u00a8abcd'],
    ['nothing is left', ' \u200b\t'],
  ];
  const blobPin = '\u0664\u0668\u0662-\u0666\u0661\u0669 ';
  const pinId = filled(16, 0x11);
  const evaluation = evaluatedPin(pinId, pinInForm2(blobPin));
  const kdf = { m: 19_456, t: 2, p: 1, salt: filled(16, 0x12) } as const;
  const slot = { kind: 'pin', kdf, pinId, pinForm: 2 } as const;
  const key = await deriveKey(Uint8Array.from(evaluation.output), kdf);
  const record = { ...recordHead, slots: [await seal(slot, key, 0x64)] };
  return {
    about:
      'Protocol section 5.1: PINs as typed, and their form 2. The blob of section 6 has a PIN slot of this form.',
    pins: typed.map(([comment, pin]) => {
      const form = pinInForm2(pin);
      return { comment, pin, pinUtf8: hex(Buffer.from(pin)), form, formUtf8: hex(Buffer.from(form)) };
    }),
    secretKey: hex(recordSecret),
    blobPin,
    evaluation: {
      pinId: hex(pinId),
      ...(Object.fromEntries(Object.entries(evaluation).map(([name, value]) => [name, hex(value)])) as Json),
    },
    blob: JSON.parse(formatKeyBlob(record)) as Json,
  };
}

/** One secret in a slot of every kind, as a blob, and in the form of the first generation. */
async function slotVectors(): Promise<Json> {
  const pinId = filled(16, 0);
  const passphrase = 'seven words that nobody would ever guess';
  const prfOutput = filled(32, 0xc0);
  const kdf = (first: number) => ({ m: 19_456, t: 2, p: 1, salt: filled(16, first) }) as const;
  const pinSlot = { kind: 'pin', kdf: kdf(0x10), pinId } as const;
  const phraseSlot = { kind: 'passphrase', kdf: kdf(0x20), pinId: null } as const;
  const passkeySlot = { kind: 'passkey', passkeyId: filled(20, 0x30), salt: filled(32, 0x40) } as const;
  const record = {
    ...recordHead,
    slots: [
      await seal(pinSlot, await deriveKey(evaluatedPin(pinId).output, pinSlot.kdf), 0x61),
      await seal(phraseSlot, await deriveKey(Buffer.from(passphrase), phraseSlot.kdf), 0x62),
      await seal(passkeySlot, await passkeyWrappingKey(Uint8Array.from(prfOutput)), 0x63),
    ],
  };
  const salt = filled(16, 0x70);
  const iv = filled(12, 0x71);
  const oldKey = await deriveKey(Buffer.from(somePin), { m: 65_536, t: 3, p: 1, salt });
  const oldCt = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: Buffer.from(iv) },
    oldKey,
    Buffer.from(recordSecret),
  );
  const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
  return {
    about:
      'Protocol section 6: one secret in every kind of slot, and what opens each. The PIN and its evaluation are those of pin.json.',
    secretKey: hex(recordSecret),
    passphrase,
    prfOutput: hex(prfOutput),
    blob: JSON.parse(formatKeyBlob(record)) as Json,
    versionOnePin: somePin,
    versionOneBlob: {
      version: 1,
      pubKeyHex: hex(recordKey),
      saltB64: base64(salt),
      ivB64: base64(iv),
      ctB64: base64(new Uint8Array(oldCt)),
    },
  };
}

const files: Readonly<Record<string, Json>> = {
  'proof.json': proofVectors(),
  'message.json': messageVectors(),
  'wire.json': wireVectors(),
  'link.json': linkVectors(),
  'recovery.json': await recoveryVectors(),
  'vault-record.json': await vaultVectors(),
  'pin.json': pinVectors(),
  'key-slots.json': await slotVectors(),
  'pin-form.json': await pinFormVectors(),
};
const folder = `${root}docs/vectors/`;
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(files)) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (!process.argv.includes('--check')) writeFileSync(folder + name, text);
  else if (readFileSync(folder + name, 'utf8') !== text) {
    console.error(
      `docs/vectors/${name} is not what the code makes: run npm run dev -- pnpm vectors, and mean it`,
    );
    process.exitCode = 1;
  }
}
