// A process that a test starts with a small heap. Its server tells its port to the parent.
import { createServer } from 'node:http';
import { createZkpAuth, generateSigningKeys } from '@zkp-auth/server';
import { InMemoryChallengeStore, InMemoryCredentialStore, InMemorySessionStore } from '@zkp-auth/server';
import { zkpAuth } from '@zkp-auth/server/express';
import express from 'express';

const auth = createZkpAuth({
  origins: ['https://app.example'],
  stores: {
    challenges: new InMemoryChallengeStore(),
    credentials: new InMemoryCredentialStore(),
    sessions: new InMemorySessionStore(),
  },
  keys: await generateSigningKeys(),
  pinAssistance: false,
});
const server = createServer(express().use('/auth', zkpAuth(auth))).listen(0, '127.0.0.1', () => {
  process.send({ port: server.address().port });
});
