// A bare Express app that answers the same two POSTs. With `sync` or `async` it does the arithmetic that no server
// of this protocol can avoid, one crypto.verify and one Ed25519 signature; with `bare` not even that.
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import express from 'express';
import { serve } from './serve.ts';

const mode = process.argv[2];
const { privateKey } = generateKeyPairSync('ed25519');
const verifyAsync = promisify(verify);
const signAsync = promisify(sign);
const claims = Buffer.alloc(400, 'x');
const challenge = { challengeId: 'A'.repeat(22), challenge: 'A'.repeat(43), expiresInMs: 60_000 };
let key: KeyObject;

const app = express();
app.post('/auth/challenge', express.json(), (_req, res) => void res.json(challenge));
app.post('/auth/register', express.json(), (req, res) => {
  const { publicKey } = req.body as { publicKey: string };
  const spki = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(publicKey, 'base64url'),
  ]);
  key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  res.status(201).json({});
});
app.post('/auth/verify', express.json(), async (req, res) => {
  const { userId, credentialId, proof, message } = req.body as Record<string, string>;
  let signature = Buffer.alloc(64);
  if (mode === 'sync' || mode === 'async') {
    const [m, p] = [Buffer.from(message as string, 'base64url'), Buffer.from(proof as string, 'base64url')];
    const valid = mode === 'sync' ? verify(null, m, key, p) : await verifyAsync(null, m, key, p);
    if (!valid) return void res.status(401).json({});
    signature = mode === 'sync' ? sign(null, claims, privateKey) : await signAsync(null, claims, privateKey);
  }
  const token = `${'x'.repeat(500)}.${signature.toString('base64url')}`;
  res.json({ userId, credentialId, token, tokenType: 'Bearer', expiresInMs: 600_000 });
});
await serve(app);
