import { describe, it } from 'vitest';
import { testChallengeStore, testCredentialStore } from '../testing/index.js';
import { InMemoryChallengeStore } from './in-memory-challenge-store.js';
import { InMemoryCredentialStore } from './in-memory-credential-store.js';

describe('InMemoryChallengeStore', () => testChallengeStore(it, async () => [new InMemoryChallengeStore()]));
describe('InMemoryCredentialStore', () =>
  testCredentialStore(it, async () => [new InMemoryCredentialStore()]));
