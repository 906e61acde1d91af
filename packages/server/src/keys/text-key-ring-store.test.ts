import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { tokensOf } from '../../test/key-ring-tokens.js';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import { openKeyFile } from './open-key-file.js';
import { openKeyRing, type OpenKeyRingOptions } from './open-key-ring.js';
import { type KeyRingText, TextKeyRingStore } from './text-key-ring-store.js';

const env = { ZKP_AUTH_MASTER_KEY: randomBytes(32).toString('base64url') };
const invalid = expect.objectContaining({ code: 'KEY_RING_INVALID' });
const notWritten = expect.objectContaining({ code: 'KEY_RING_NOT_WRITTEN' });

/** The text that an administrator puts into a secret. It is a new ring, or `old` with its keys rotated. */
async function secretText(options: Partial<OpenKeyRingOptions> = {}, old?: string): Promise<string> {
  const store = new InMemoryKeyRingStore();
  if (old !== undefined) await store.replace(null, old);
  const keys = await openKeyRing({ encrypt: false, ...options, store });
  if (old !== undefined) await keys.rotate({ force: true });
  keys.close();
  return (await store.read())!.content;
}

const open = (text: KeyRingText, options: Partial<OpenKeyRingOptions> = {}) =>
  openKeyRing({ encrypt: false, ...options, store: new TextKeyRingStore(text) });

const layouts: [string, (text: string) => string][] = [
  ['as it was written', (text) => text],
  ['without its last line end, as a shell gives it', (text) => text.trimEnd()],
  ['on one line', (text) => JSON.stringify(JSON.parse(text))],
  ['with the line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
  ['behind a byte order mark', (text) => `\uFEFF${text}`],
];

describe('TextKeyRingStore', () => {
  it.each(layouts)('opens a ring %s, plain or sealed', async (_, layout) => {
    const plain = await secretText();
    const ring = await open(layout(plain));
    expect(ring.jwks()).toEqual((await open(plain)).jwks());
    expect(await tokensOf(ring).accepts(await tokensOf(await open(plain)).issue())).toBe(true);
    const sealed = await secretText({ encrypt: true, env });
    expect(sealed).not.toContain('"d"');
    await open(layout(sealed), { encrypt: true, env });
  });

  it('takes the text of a key file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zkp-auth-text-'));
    const path = join(folder, 'signing-keys.json');
    const keys = await openKeyFile(path, { publishMs: 86_400_000 });
    keys.close();
    const text = await readFile(path, 'utf8');
    await rm(folder, { recursive: true });
    expect((await open(text)).jwks()).toEqual(keys.jwks());
  });

  it('is asked again by a running server, so that a changed secret refuses no token', async () => {
    let secret = await secretText();
    const fetchSecret = vi.fn(async () => secret);
    const ring = await open(fetchSecret, { reloadMs: 5 });
    const [old, next] = ring.jwks().keys.map(({ kid }) => kid);
    const token = await tokensOf(ring).issue();
    secret = await secretText({}, secret);
    await vi.waitFor(() => expect(ring.active().kid).toBe(next), 10_000);
    expect(ring.jwks().keys.map(({ kid }) => kid)).toContain(old);
    expect(await tokensOf(ring).accepts(token)).toBe(true);
    ring.close();
  });

  it('a server that was not started again accepts what one with the changed secret signs', async () => {
    const secret = await secretText();
    const [before, after] = [await open(secret), await open(await secretText({}, secret))];
    expect(await tokensOf(before).accepts(await tokensOf(after).issue())).toBe(true);
    expect(await tokensOf(after).accepts(await tokensOf(before).issue())).toBe(true);
  });

  it('does not rotate, says why, and starts when a rotation is due', async () => {
    const errors: unknown[] = [];
    const nowMs = Date.now() + 90 * 86_400_000;
    const ring = await open(await secretText(), {
      rotateEveryMs: 30 * 86_400_000,
      now: () => nowMs,
      onError: (error) => void errors.push(error),
    });
    expect(errors).toEqual([notWritten]);
    await expect(ring.rotate()).rejects.toEqual(notWritten);
    await expect(ring.rotate()).rejects.toThrow(/given as text.*Change the secret/);
    ring.close();
  });

  it.each([
    ['no text', undefined],
    ['an empty text', ' \n'],
    ['a function that finds none', async () => undefined],
    ['half a ring', '{"zkpAuthKeys":2,"keys":['],
    ['another secret', '"postgres://localhost"'],
  ])('refuses %s, and makes no ring in its place', async (_, text) => {
    await expect(open(text)).rejects.toEqual(invalid);
  });

  it('says nothing of the text that it refuses', async () => {
    const { message, cause } = (await open('{"d":"c2VjcmV0').catch((error: Error) => error)) as Error;
    expect(`${message} ${String(cause)}`).not.toContain('c2VjcmV0');
  });
});
