import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linkDeviceContext, type LinkDeviceParts, pinHashOf } from './link-device-context.js';
import { newKeyContext } from './message-context.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hash = fc.option(bytes(32), { nil: undefined });
const linkParts: fc.Arbitrary<LinkDeviceParts> = fc.oneof(
  fc.record({ flow: fc.constant('link'), linkId: bytes(16), newPublicKey: bytes(32), newPinHash: hash }),
  fc.record({ flow: fc.constant('recover'), newPublicKey: bytes(32), newPinHash: hash }),
  fc.record({ flow: fc.constant('enrol'), tokenHash: bytes(32), newPublicKey: bytes(32), newPinHash: hash }),
  fc.record({ flow: fc.constantFrom('kit', 'recover-state'), newPublicKey: bytes(32) }),
);

/** The parts of `LP(a) ‖ LP(b) ‖ …`, or nothing if the bytes are anything else. */
function split(context: Uint8Array): string[] | undefined {
  const parts: string[] = [];
  let rest = Buffer.from(context);
  while (rest.length > 0) {
    const end = 2 + rest.readUInt16BE(0);
    if (rest.length < end) return undefined;
    parts.push(rest.toString('latin1', 2, end));
    rest = rest.subarray(end);
  }
  return parts;
}
const latin1 = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString('latin1');

it('a proof that links a device names the act, the link, the key, its PIN and its kind, in this order', () => {
  fc.assert(
    fc.property(linkParts, (parts) => {
      const absent = { linkId: undefined, tokenHash: undefined, newPinHash: undefined };
      const { linkId, tokenHash, newPinHash } = { ...absent, ...parts };
      expect(split(linkDeviceContext(parts))).toEqual([
        parts.flow,
        latin1(linkId ?? tokenHash),
        latin1(parts.newPublicKey),
        latin1(newPinHash),
        parts.flow === 'kit' ? 'recovery' : 'device',
      ]);
    }),
  );
});

it('a proof for one link, act, key or PIN is no proof for another', () => {
  fc.assert(
    fc.property(linkParts, linkParts, (a, b) => {
      const isSame = JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b));
      expect(Buffer.compare(linkDeviceContext(a), linkDeviceContext(b)) === 0).toBe(isSame);
    }),
  );
  const newPublicKey = new Uint8Array(32);
  const flows = (['kit', 'recover', 'recover-state'] as const).map((flow) =>
    latin1(linkDeviceContext({ flow, newPublicKey })),
  );
  expect(new Set([...flows, latin1(newKeyContext({ newPublicKey }))]).size).toBe(4);
});

it('a proof that needs no pinId takes along neither a pinId nor a link', () => {
  const newPublicKey = new Uint8Array(32);
  const more = { newPublicKey, linkId: new Uint8Array(16), newPinHash: new Uint8Array(32) };
  for (const flow of ['kit', 'recover-state'] as const)
    expect(linkDeviceContext({ ...more, flow })).toEqual(linkDeviceContext({ newPublicKey, flow }));
});

it.each([
  ['a pinId in the place of its hash', { newPinHash: new Uint8Array(16) }],
  ['a linkId as text', { linkId: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ['no linkId', { linkId: undefined }],
  ['a key of another length', { newPublicKey: new Uint8Array(31) }],
])('%s is misuse', (_, change) => {
  const parts = { flow: 'link', linkId: new Uint8Array(16), newPublicKey: new Uint8Array(32) } as const;
  expect(() => linkDeviceContext({ ...parts, ...change } as LinkDeviceParts)).toThrow(TypeError);
});

it.each([
  ['a secret of another length', { tokenHash: new Uint8Array(16) }],
  ['no token', { tokenHash: undefined }],
])('%s is misuse', (_, change) => {
  const parts = { flow: 'enrol', newPublicKey: new Uint8Array(32), ...change };
  expect(() => linkDeviceContext(parts as LinkDeviceParts)).toThrow(TypeError);
});

it('the hash of a pinId is of 16 bytes, or misuse', () => {
  expect(pinHashOf(new Uint8Array(16))).toHaveLength(32);
  expect(() => pinHashOf(new Uint8Array(32))).toThrow(TypeError);
});
