import { describe, expect, it } from 'vitest';
import { addressKey, foldedAddress } from './address-key.js';

describe('what an address is counted under', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:CB00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is %s', (address, key) => expect(addressKey(address)).toBe(key));

  it('two networks of IPv6 are two', () => {
    expect(addressKey('2001:db8:1:3::1')).not.toBe(addressKey('2001:db8:1:2::1'));
  });

  it.each([
    '',
    'unknown',
    '203.0.113.7:443',
    '[2001:db8::1]',
    '01.2.3.4',
    '203.0.113.7, 10.0.0.1',
    'localhost',
  ])('%j is no address, and is not counted', (text) => expect(addressKey(text)).toBeUndefined());

  it('an IPv4 address that is written as IPv6 is itself', () => {
    expect(foldedAddress('::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(foldedAddress('2001:db8::1')).toBe('2001:db8::1');
    expect(foldedAddress('203.0.113.7')).toBe('203.0.113.7');
  });
});
