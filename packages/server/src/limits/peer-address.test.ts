import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { peerAddress } from './peer-address.js';

const given = (remoteAddress: string | undefined, headers: IncomingHttpHeaders = {}): string | undefined =>
  peerAddress({ socket: { remoteAddress } as IncomingMessage['socket'], headers });

describe('the address of the other end of a connection', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['172.32.0.1', '172.32.0.1'],
    ['100.128.0.1', '100.128.0.1'],
  ])('%s is a client', (peer, address) => expect(given(peer)).toBe(address));

  it.each([
    '127.0.0.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '10.1.2.3',
    '::ffff:10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '0.0.0.0',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    '',
    undefined,
  ])('%s may be a proxy, which speaks for everybody', (peer) => expect(given(peer)).toBeUndefined());

  it.each([
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-original-forwarded-for',
    'x-vercel-forwarded-for',
    'x-real-ip',
    'x-client-ip',
    'client-ip',
    'x-azure-clientip',
    'cf-connecting-ip',
    'cf-connecting-ipv6',
    'do-connecting-ip',
    'fastly-client-ip',
    'true-client-ip',
    'fly-client-ip',
    'x-appengine-user-ip',
    'x-envoy-external-address',
    'cloudfront-viewer-address',
    'via',
  ])('a request with the header %s came through a proxy', (name) => {
    expect(given('203.0.113.7', { [name]: 'anything' })).toBeUndefined();
  });

  it('the headers of a browser are not those of a proxy', () => {
    const headers = [
      'host',
      'user-agent',
      'origin',
      'cookie',
      'dpop',
      'zkp-request-id',
      'accept',
      'priority',
    ];
    expect(given('203.0.113.7', Object.fromEntries(headers.map((name) => [name, 'x'])))).toBe('203.0.113.7');
  });
});
