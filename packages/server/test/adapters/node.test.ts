import { afterAll, beforeAll, describe, it } from 'vitest';
import { testAdapter } from '../../src/testing/index.js';
import { serveNode } from './node-app.js';

describe('node:http', () => {
  testAdapter({ test: it, before: beforeAll, after: afterAll }, serveNode);
});
