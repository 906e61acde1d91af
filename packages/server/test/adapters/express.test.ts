import express from 'express';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { testAdapter } from '../../src/testing/index.js';
import { serveExpress } from './express-app.js';

const { default: express4 } = await vi.importActual<{ default: typeof express }>('express4');

describe.each([
  ['Express 5', () => express()],
  ['Express 4', () => express4()],
])('%s', (_, createApp) => {
  testAdapter({ test: it, before: beforeAll, after: afterAll }, serveExpress(createApp));
});
