import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { foldedAddress } from './address-key.js';

/** Headers in which a proxy names its client. */
const forwardingHeader =
  /forwarded|^via$|^(?:.*-)?(?:client|connecting|real|remote|user)-?ip(?:v6)?$|^x-envoy-|^cloudfront-viewer-/;

/** Addresses that no client on the Internet has. A peer with such an address may be a proxy for all clients. */
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

/** The result for each connection, because this costs more than the other facts of a request. */
const ofSocket = new WeakMap<Socket, { address: string | undefined }>();

/**
 * The address of the other end of a connection, unless something hints at a proxy there. The address would then be
 * the proxy's. A limit by that address would refuse everybody as soon as a few people have used it up.
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

/**
 * The address of the other end, if a client on the Internet can have it. The address of a connection does not change.
 */
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
  // Only link-local addresses come with a zone.
  const family = isIP(address);
  return family === 0 || address.includes('%') || local.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
