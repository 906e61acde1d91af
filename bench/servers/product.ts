// The product: memory stores, tokens included.
import {
  createZkpAuth,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
} from '@zkp-auth/server';
import { zkpAuth } from '@zkp-auth/server/express';
import express from 'express';
import { audience, origin } from '../login-load.ts';
import { serve } from './serve.ts';

const auth = createZkpAuth({
  origins: [origin],
  audiences: [audience],
  stores: { challenges: new InMemoryChallengeStore(), credentials: new InMemoryCredentialStore() },
  keys: await generateSigningKeys(),
});
const app = express();
app.use('/auth', zkpAuth(auth));
await serve(app);
