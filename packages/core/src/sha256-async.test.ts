import fc from 'fast-check';
import { expect, it } from 'vitest';
import { record } from '../test/vault-record.js';
import {
  buildMessage,
  buildMessageAsync,
  confirmContext,
  confirmContextAsync,
  credentialIdOf,
  credentialIdOfAsync,
  formatKeyBlob,
  formatKeyBlobAsync,
  parseKeyBlob,
  parseKeyBlobAsync,
} from './index.node.js';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

it('a browser and a server give a key the same id, and a proof and a confirmation the same message', async () => {
  await fc.assert(
    fc.asyncProperty(bytes32, bytes32, fc.string(), async (publicKey, payload, action) => {
      fc.pre(action.isWellFormed());
      const credentialId = credentialIdOf(publicKey);
      expect(await credentialIdOfAsync(publicKey)).toBe(credentialId);
      const context = confirmContext({ action, payload });
      expect(await confirmContextAsync({ action, payload })).toEqual(context);
      const named = { origin: 'https://app.example', audience: 'https://api.example', userId: 'alice' };
      const bound = {
        purpose: 'confirm',
        ...named,
        credentialId,
        challengeId: 'id',
        challenge: payload,
      } as const;
      const message = Uint8Array.from(buildMessage({ ...bound, context }));
      expect(await buildMessageAsync({ ...bound, context })).toEqual(message);
    }),
    { numRuns: 50 },
  );
  await expect(buildMessageAsync({ userId: '\ud800' } as never)).rejects.toThrow(TypeError);
});

it('a key file is written alike in both ways', async () => {
  expect(await formatKeyBlobAsync(record)).toBe(formatKeyBlob(record));
});

it('a browser reads a key file, and refuses one that is cut short or has a wrong byte', async () => {
  const blob = formatKeyBlob(record).trimEnd();
  const damaged = { code: 'INVALID_KEY_BLOB' };
  expect(await parseKeyBlobAsync(blob)).toEqual({ version: 2, record });
  for (let at = 0; at < blob.length; at++) {
    await expect(parseKeyBlobAsync(blob.slice(0, at)), `cut at ${at}`).rejects.toMatchObject(damaged);
    const spoilt = Buffer.from(blob);
    spoilt[at] = (spoilt[at] as number) ^ 1;
    await expect(parseKeyBlobAsync(spoilt.toString()), `byte ${at}`).rejects.toMatchObject(damaged);
  }
});

it.each(['', 'null', '7', '{}', '{"version":1}', JSON.stringify({ ...record, publicKey: 7 })])(
  '%s is no key file in both ways',
  async (text) => {
    const refused = { code: 'INVALID_KEY_BLOB' };
    expect(() => parseKeyBlob(text)).toThrow(expect.objectContaining(refused));
    await expect(parseKeyBlobAsync(text)).rejects.toMatchObject(refused);
  },
);

it('a key file that claims the id of another key is refused, its checksum recomputed or not', async () => {
  const other = { ...record, credentialId: credentialIdOf(new Uint8Array(32)) };
  await expect(parseKeyBlobAsync(formatKeyBlob(other))).rejects.toMatchObject({
    code: 'INVALID_KEY_BLOB',
    message: 'The credential id is not that of the public key.',
  });
});
