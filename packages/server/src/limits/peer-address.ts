import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { foldedAddress } from './address-key.js';

/** Headers by which a proxy says whom it speaks for. */
const forwardingHeader =
  /forwarded|^via$|^(?:.*-)?(?:client|connecting|real|remote|user)-?ip(?:v6)?$|^x-envoy-|^cloudfront-viewer-/;

/** Addresses of no client on the Internet: a peer that has one may be a proxy, which speaks for everybody. */
const local = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  local.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  local.addSubnet(net, prefix, 'ipv6');
}

/** What was made out of a connection's address, which costs more than the rest of a request's facts. */
const ofSocket = new WeakMap<Socket, { address: string | undefined }>();

/**
 * The address of the other end of a connection, if nothing hints at a proxy there. Behind a proxy that address is the
 * proxy's, and a limit that is counted by it would refuse everybody as soon as a few people have used it up.
 */
export function peerAddress({
  socket,
  headers,
}: Pick<IncomingMessage, 'socket' | 'headers'>): string | undefined {
  const address = publicAddress(socket);
  if (address === undefined || Object.keys(headers).some((name) => forwardingHeader.test(name)))
    return undefined;
  return address;
}

/** The address of the other end, if it can be a client's own on the Internet. A connection's does not change. */
function publicAddress(socket: Socket): string | undefined {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return undefined;
  const known = ofSocket.get(socket);
  if (known !== undefined) return known.address;
  const folded = foldedAddress(remoteAddress);
  const address = isLocal(folded) ? undefined : folded;
  ofSocket.set(socket, { address });
  return address;
}

function isLocal(address: string): boolean {
  // A zone is only given with an address of a link.
  const family = isIP(address);
  return family === 0 || address.includes('%') || local.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
