import { isIP, SocketAddress } from 'node:net';

/**
 * The key under which an address is counted: an IPv4 address itself, or the /64 of an IPv6 address, which one
 * subscriber has.
 */
export function addressKey(address: string): string | undefined {
  const family = isIP(address);
  if (family === 4) return address;
  if (family === 6) return keyOfGroups(groupsOf(address));
  return undefined;
}

/** The IPv4 address that an IPv6 address stands for, or the address itself. */
export function foldedAddress(address: string): string {
  return (isIP(address) === 6 ? embeddedIpv4(groupsOf(address)) : undefined) ?? address;
}

function keyOfGroups(groups: readonly string[]): string {
  return embeddedIpv4(groups) ?? `${groups.slice(0, 4).join(':')}::/64`;
}

/** Prefixes of IPv4 addresses in IPv6 form: mapped addresses (RFC 4291), and addresses of a translator (RFC 6052). */
const ipv4Prefixes: ReadonlySet<string> = new Set(['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0']);

function embeddedIpv4(groups: readonly string[]): string | undefined {
  if (!ipv4Prefixes.has(groups.slice(0, 6).join(':'))) return undefined;
  const bytes = groups.slice(6).flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}

/**
 * The eight groups of an IPv6 address, in lower case and without leading zeros. `URL` parses the address without its
 * zone.
 */
function groupsOf(address: string): string[] {
  const { address: withoutZone } = new SocketAddress({ address, family: 'ipv6' });
  const { hostname } = new URL(`http://[${withoutZone}]`);
  const [before = [], after = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')));
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
