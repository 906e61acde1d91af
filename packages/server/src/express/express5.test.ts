import express from 'express';
import { describe } from 'vitest';
import { expressSessionsSuite } from '../../test/express-sessions-suite.js';
import { expressSuite } from '../../test/express-suite.js';

describe('Express 5', () => {
  expressSuite(express, () => express.json());
  expressSessionsSuite(express, () => express.json());
});
