import express from 'express';
import { describe } from 'vitest';
import { expressSuite } from '../../test/express-suite.js';

describe('Express 5', () => expressSuite(express, () => express.json()));
