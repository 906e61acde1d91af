// The product: memory stores, tokens and the server's help with the PIN included.
import {
  createZkpAuth,
  generatePinSecrets,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  openPinAssistance,
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
  pinAssistance: await openPinAssistance({ store: new InMemoryPinStore(), secrets: generatePinSecrets() }),
});
const app = express();
app.use('/auth', zkpAuth(auth));
await serve(app);
