import { expect, it } from 'vitest';
import { isValidOrigin } from './origin.js';

it.each([
  'https://example.com',
  'https://example.com:8443',
  'https://xn--bcher-kva.example',
  'http://localhost',
  'http://localhost:3000',
  'http://app.localhost:3000',
  'http://127.0.0.1:3000',
  'http://127.8.9.10',
  'http://[::1]:3000',
])('%s may be bound into a proof', (origin) => {
  expect(isValidOrigin(origin)).toBe(true);
});

it.each([
  'null',
  '',
  'https://example.com/',
  'https://example.com:443',
  'https://EXAMPLE.com',
  'https://user@example.com',
  'https://example.com/path',
  'http://example.com',
  'http://localhost.example.com',
  'http://127.0.0.1.example.com',
  'http://10.0.0.1',
  'http://[::2]',
  'ftp://localhost',
  'file:///etc/passwd',
  'data:text/html,x',
  'chrome-extension://abcdef',
  'https://bücher.example',
  null,
  7,
])('%s may not', (origin) => {
  expect(isValidOrigin(origin)).toBe(false);
});
