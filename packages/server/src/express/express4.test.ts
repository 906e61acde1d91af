import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import { expressSessionsSuite } from '../../test/express-sessions-suite.js';
import { expressSuite } from '../../test/express-suite.js';

vi.mock('express', () => vi.importActual('express4'));

describe('Express 4', () => {
  expressSuite(express, () => express.json());
  expressSessionsSuite(express, () => express.json());

  it('is what these tests ran on', () => {
    expect('_router' in express() || typeof (express() as { lazyrouter?: unknown }).lazyrouter).toBe(
      'function',
    );
  });
});
