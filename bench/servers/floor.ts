// A bare Express app that answers the same two POSTs. With `sync` or `async` it does the arithmetic that no server
// of this protocol can avoid: one libsodium scalar multiplication, one crypto.verify and one Ed25519 signature.
// With `bare` it does not even that. If a login carries a DPoP proof, its signature is verified too. `/me` and
// `/elsewhere` are open to all.
import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import express from 'express';
import sodium from 'libsodium-wrappers-sumo';
import { serve } from './serve.ts';

const mode = process.argv[2];
const { privateKey } = generateKeyPairSync('ed25519');
const verifyAsync = promisify(verify);
const signAsync = promisify(sign);
const claims = Buffer.alloc(400, 'x');
const challenge = { challengeId: 'A'.repeat(22), challenge: 'A'.repeat(43), expiresInMs: 60_000 };
const keys = new Map<string, KeyObject>();

const app = express();
const pinId = 'A'.repeat(22);
await sodium.ready;
const scalar = sodium.crypto_core_ristretto255_scalar_random();
app.post('/auth/challenge', express.json(), (req, res) => {
  const { blinded } = (req.body as { pin: { blinded: string } }).pin;
  const element = Buffer.from(blinded, 'base64url');
  const evaluated = mode === 'bare' ? element : sodium.crypto_scalarmult_ristretto255(scalar, element);
  const pin = { id: pinId, evaluated: Buffer.from(evaluated).toString('base64url'), attemptsLeft: 9 };
  res.json({ ...challenge, pin });
});
app.post('/auth/register', express.json(), (req, res) => {
  const { userId, publicKey } = req.body as { userId: string; publicKey: string };
  const spki = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(publicKey, 'base64url'),
  ]);
  keys.set(userId, createPublicKey({ key: spki, format: 'der', type: 'spki' }));
  res.status(201).json({ token: 'x'.repeat(500) });
});
app.post('/auth/verify', express.json(), async (req, res) => {
  const { userId, credentialId, proof, message } = req.body as Record<string, string>;
  const dpop = req.headers['dpop'] as string | undefined;
  let signature = Buffer.alloc(64);
  if (mode === 'sync' || mode === 'async') {
    const key = keys.get(userId as string) as KeyObject;
    const [m, p] = [Buffer.from(message as string, 'base64url'), Buffer.from(proof as string, 'base64url')];
    const valid = mode === 'sync' ? verify(null, m, key, p) : await verifyAsync(null, m, key, p);
    const bound = dpop === undefined || (await verifyDpop(dpop));
    if (!valid || !bound) return void res.status(401).json({});
    signature = mode === 'sync' ? sign(null, claims, privateKey) : await signAsync(null, claims, privateKey);
  }
  const token = `${'x'.repeat(500)}.${signature.toString('base64url')}`;
  res.json({ userId, credentialId, token, tokenType: 'Bearer', expiresInMs: 600_000 });
});
for (const path of ['/me', '/elsewhere']) {
  app.get(path, (_req, res) => {
    res.json({ userId: 'user-1' });
  });
}
await serve(app);

async function verifyDpop(proof: string): Promise<boolean> {
  const [header = '', claims = '', signature = ''] = proof.split('.');
  const { jwk } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { jwk: JsonWebKey };
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
  const input = Buffer.from(`${header}.${claims}`);
  const bytes = Buffer.from(signature, 'base64url');
  return mode === 'sync' ? verify('sha256', input, key, bytes) : verifyAsync('sha256', input, key, bytes);
}
