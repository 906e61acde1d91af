import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ZkpAuthError } from '@zkp-auth/core';
import { checkedInteger } from '../checked-integer.js';
import { requireFittingBody, tooLarge } from '../http/json-body.js';
import { turnEnd } from '../turn-end.js';
import { nodeHeaders } from './node-headers.js';

export interface BodyReaderOptions {
  /** The longest time to read a body, in milliseconds from the beginning of its reading. Default 10 000. */
  timeoutMs?: number;
  /**
   * The most bytes to hold for all bodies that are being read, at least 65 536. Default 33 554 432. A body counts
   * 4 096 bytes from its beginning, and more as it grows.
   */
  totalBytes?: number;
}

/** The cost of a body beside its bytes, and the size of its first buffer. */
const firstBytes = 4096;
const retryAfterMs = 1000;

/**
 * Reads whole bodies, each into one buffer. There is a time limit for each body, and a limit of bytes for all
 * together.
 */
export class BodyReader {
  readonly #timeoutMs: number;
  readonly #totalBytes: number;
  #heldBytes = 0;

  /** @throws `TypeError` for options that cannot work. */
  constructor({ timeoutMs = 10_000, totalBytes = 33_554_432 }: BodyReaderOptions = {}) {
    this.#timeoutMs = checkedInteger('timeoutMs', timeoutMs, 1);
    this.#totalBytes = checkedInteger('totalBytes', totalBytes, 65_536);
  }

  /** Bytes that are held now for the bodies that are being read. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @throws `TypeError` if no body of this size can ever be read. */
  requireRoom(limitBytes: number): void {
    if (limitBytes <= this.#totalBytes) return;
    throw new TypeError(`limitBytes must be at most the totalBytes of its bodyReader, ${this.#totalBytes}`);
  }

  /**
   * The bytes of a body that nobody has read, as they were sent.
   *
   * @throws {@link ZkpAuthError} `UNSUPPORTED_MEDIA_TYPE` if it is compressed, `PAYLOAD_TOO_LARGE`, `INVALID_BODY` if it
   * was cut short, `BODY_TIMEOUT`, `SERVER_BUSY`.
   */
  async read(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
    const maxBytes = requireFittingBody(nodeHeaders(req), limitBytes);
    if (req.headers['transfer-encoding'] === undefined && (await hasCome(req))) {
      return (req.read() as Buffer | null) ?? Buffer.alloc(0);
    }
    const body = new HeldBody(maxBytes, (bytes) => this.#hold(bytes));
    try {
      await this.#receive(req, body, limitBytes);
      return body.bytes();
    } finally {
      this.#heldBytes -= body.heldBytes;
    }
  }

  /**
   * The bytes of a web `Request`'s body that nobody has read.
   *
   * @throws `TypeError` for a body that was read before, or is being read.
   * @throws {@link ZkpAuthError} as {@link read}.
   */
  async readStream(request: Request, limitBytes: number): Promise<Buffer> {
    if (request.bodyUsed || request.body?.locked === true)
      throw new TypeError('the body was read before: hand the request over first');
    const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
    requireFittingBody({ header }, limitBytes);
    if (request.body === null) return Buffer.alloc(0);
    // The declared length bounds nothing here, because an HTTP parser need not have checked it.
    const body = new HeldBody(limitBytes, (bytes) => this.#hold(bytes));
    const reader = request.body.getReader();
    // The rest of the body is not read, so its failure does no harm.
    const cancel = (): void => void reader.cancel().catch(() => undefined);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      // This ends a read that waits.
      cancel();
    }, this.#timeoutMs);
    try {
      for (;;) {
        const { done, value } = await reader.read().catch(refuseCutBody);
        if (isLate) throw new ZkpAuthError('BODY_TIMEOUT');
        if (done) return body.bytes();
        if (body.size + value.length > limitBytes) throw tooLarge(limitBytes);
        body.append(value);
      }
    } finally {
      clearTimeout(timer);
      cancel();
      this.#heldBytes -= body.heldBytes;
    }
  }

  #hold(bytes: number): void {
    if (this.#heldBytes + bytes > this.#totalBytes) {
      throw new ZkpAuthError('SERVER_BUSY', undefined, { retryAfterMs });
    }
    this.#heldBytes += bytes;
  }

  #receive(req: IncomingMessage, body: HeldBody, limitBytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        clearTimeout(timer);
        req.off('data', onData).off('end', settle).off('error', onClose).off('close', onClose);
        if (error === undefined) resolve();
        else {
          req.pause();
          reject(error);
        }
      };
      const onData = (chunk: Buffer): void => {
        if (body.size + chunk.length > limitBytes) return settle(tooLarge(limitBytes));
        try {
          body.append(chunk);
        } catch (error) {
          settle(error);
        }
      };
      // A request that closes before its end has been cut short.
      const onClose = (): void => settle(cutShort());
      const timer = setTimeout(() => settle(new ZkpAuthError('BODY_TIMEOUT')), this.#timeoutMs);
      // The client may have gone while a rate limit was looked up.
      if (req.destroyed) onClose();
      else req.on('end', settle).on('error', onClose).on('close', onClose).on('data', onData);
    });
  }
}

/** Reads the bodies of all handlers of this process without a reader of their own. */
export const sharedBodyReader: BodyReader = new BodyReader();

/**
 * Whether a body of a declared length came with its headers. The next turn of the event loop tells that. Then there
 * is nothing to wait for, and nothing to hold. A chunked body may come in as many pieces as it has bytes, so it is
 * read at once.
 */
async function hasCome(req: IncomingMessage): Promise<boolean> {
  await turnEnd();
  return req.complete;
}

/** The bytes of a body that have come, in one buffer. The buffer doubles until it has the declared length. */
class HeldBody {
  readonly #maxBytes: number;
  readonly #hold: (bytes: number) => void;
  #buffer: Buffer = Buffer.alloc(0);
  size = 0;
  heldBytes = firstBytes;

  constructor(maxBytes: number, hold: (bytes: number) => void) {
    this.#maxBytes = maxBytes;
    this.#hold = hold;
    hold(firstBytes);
  }

  append(chunk: Uint8Array): void {
    const size = this.size + chunk.length;
    if (size > this.#buffer.length) this.#grow(size);
    this.#buffer.set(chunk, this.size);
    this.size = size;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.size);
  }

  /** A declared length takes no memory. A buffer has at most twice the bytes that came. */
  #grow(size: number): void {
    const capacity = Math.max(size, Math.min(2 * this.#buffer.length, this.#maxBytes));
    const more = Math.max(capacity, firstBytes) - this.heldBytes;
    this.#hold(more);
    this.heldBytes += more;
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.#buffer.copy(grown, 0, 0, this.size);
    this.#buffer = grown;
  }
}

function refuseCutBody(): never {
  throw cutShort();
}

function cutShort(): ZkpAuthError {
  return new ZkpAuthError('INVALID_BODY', 'The body was cut short.');
}
