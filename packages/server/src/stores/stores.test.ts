import { describe, it } from 'vitest';
import {
  testChallengeStore,
  testCredentialStore,
  testLinkStore,
  testPinStore,
  testSessionStore,
} from '../testing/index.js';
import { InMemoryChallengeStore } from './in-memory-challenge-store.js';
import { InMemoryCredentialStore } from './in-memory-credential-store.js';
import { InMemoryPinStore } from './in-memory-pin-store.js';
import { InMemorySessionStore } from './in-memory-session-store.js';

describe('InMemoryChallengeStore', () => testChallengeStore(it, async () => [new InMemoryChallengeStore()]));
describe('InMemoryCredentialStore', () =>
  testCredentialStore(it, async () => [new InMemoryCredentialStore()]));
describe('InMemoryLinkStore', () => testLinkStore(it, async () => [new InMemoryCredentialStore()]));
describe('InMemoryPinStore', () => testPinStore(it, async () => [new InMemoryPinStore()]));
describe('InMemorySessionStore', () => testSessionStore(it, async () => [new InMemorySessionStore()]));
