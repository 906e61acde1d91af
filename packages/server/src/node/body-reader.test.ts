import type { UnderlyingSource } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { BodyReader } from './body-reader.js';

/** A web request with a body that comes chunk by chunk. */
function requestOf(source: UnderlyingSource<Uint8Array>, headers: Record<string, string> = {}): Request {
  const body = new ReadableStream<Uint8Array>(source);
  const options = { method: 'POST', headers, body, duplex: 'half' };
  return new Request('https://app.example/auth/verify', options as RequestInit);
}

function inChunks(count: number, length = 1): UnderlyingSource<Uint8Array> {
  let left = count;
  return {
    pull: (controller) => {
      if (left-- > 0) controller.enqueue(new Uint8Array(length).fill(97));
      else controller.close();
    },
  };
}

/** A body that begins and never ends. */
const endless = (onCancel = (): void => undefined): UnderlyingSource<Uint8Array> => ({
  start: (controller) => controller.enqueue(new Uint8Array(10)),
  cancel: onCancel,
});

describe('the body of a web request', () => {
  const reader = new BodyReader({ timeoutMs: 1_000, totalBytes: 65_536 });

  it('is given whole, and holds nothing afterwards', async () => {
    expect(String(await reader.readStream(requestOf(inChunks(3, 5)), 15))).toBe('a'.repeat(15));
    const none = new Request('https://app.example/', { method: 'POST' });
    expect(await reader.readStream(none, 15)).toHaveLength(0);
    expect(reader.heldBytes).toBe(0);
  });

  it('is refused as soon as it is larger than its limit, and the rest is not read', async () => {
    const onCancel = vi.fn();
    const request = requestOf({ ...inChunks(1_000, 10), cancel: onCancel });
    await expect(reader.readStream(request, 25)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(onCancel).toHaveBeenCalledOnce();
    expect(reader.heldBytes).toBe(0);
  });

  it('is refused by the length that its header tells', async () => {
    const pull = vi.fn();
    const request = requestOf({ pull }, { 'content-length': '26' });
    await expect(reader.readStream(request, 25)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(request.bodyUsed).toBe(false);
  });

  it.each(['abc', '-5', '1e3', '0x10', '5, 5', 'NaN', ''])(
    'with the length "%s" is refused, and the bytes of all bodies stay counted',
    async (length) => {
      const request = requestOf(inChunks(3), { 'content-length': length });
      await expect(reader.readStream(request, 100)).rejects.toMatchObject({ code: 'INVALID_BODY' });
      expect(reader.heldBytes).toBe(0);
    },
  );

  it('costs no more for a length that lies', async () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const request = requestOf(inChunks(10_000), { 'content-length': '1' });
    expect(await reader.readStream(request, 16_384)).toHaveLength(10_000);
    expect(allocate.mock.calls.length).toBeLessThan(20);
    allocate.mockRestore();
  });

  it('that does not come to its end in time is BODY_TIMEOUT, and is let go', async () => {
    const impatient = new BodyReader({ timeoutMs: 20 });
    const onCancel = vi.fn();
    const late = impatient.readStream(requestOf(endless(onCancel)), 100);
    await expect(late).rejects.toMatchObject({ code: 'BODY_TIMEOUT' });
    expect(onCancel).toHaveBeenCalled();
    expect(impatient.heldBytes).toBe(0);
  });

  it('leaves no timer and no rejection behind', async () => {
    const rejections = vi.fn();
    process.on('unhandledRejection', rejections);
    const impatient = new BodyReader({ timeoutMs: 20 });
    await impatient.readStream(requestOf(inChunks(3)), 100);
    const broken = { ...inChunks(1_000, 10), cancel: () => Promise.reject(new Error('no cancel')) };
    await impatient.readStream(requestOf(broken), 25).catch(() => undefined);
    await sleep(60);
    process.off('unhandledRejection', rejections);
    expect(rejections).not.toHaveBeenCalled();
  });

  it('that breaks off is INVALID_BODY', async () => {
    const broken = requestOf({ pull: (controller) => controller.error(new Error('connection reset')) });
    await expect(reader.readStream(broken, 100)).rejects.toMatchObject({ code: 'INVALID_BODY' });
    expect(reader.heldBytes).toBe(0);
  });

  it('that was read, or is being read, is a mistake of the application', async () => {
    const read = requestOf(inChunks(1));
    await read.text();
    await expect(reader.readStream(read, 100)).rejects.toThrow(TypeError);
    const locked = requestOf(inChunks(1));
    locked.body?.getReader();
    await expect(reader.readStream(locked, 100)).rejects.toThrow(TypeError);
    expect(reader.heldBytes).toBe(0);
  });

  it('waits for its turn if others hold all bytes', async () => {
    const crowded = new BodyReader({ timeoutMs: 100, totalBytes: 65_536 });
    const held = Array.from({ length: 16 }, () =>
      crowded.readStream(requestOf(endless()), 100).catch(String),
    );
    await sleep(10);
    expect(crowded.heldBytes).toBe(65_536);
    const one = requestOf(inChunks(1));
    await expect(crowded.readStream(one, 100)).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    await Promise.all(held);
    expect(crowded.heldBytes).toBe(0);
    expect(await crowded.readStream(requestOf(inChunks(1)), 100)).toHaveLength(1);
  });
});
