import { ZkpAuthError } from '@zkp-auth/core';
import express, { type Request, type RequestHandler, type Response } from 'express';

const maxBytes = 16 * 1024;

const readRaw: RequestHandler = express.raw({ type: () => true, limit: maxBytes, inflate: false });
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The parsed JSON body: read here, strictly, or taken as it is where the application's own parser came first.
 *
 * @throws {@link ZkpAuthError} `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_BODY`.
 */
export async function readJsonBody(req: Request, res: Response): Promise<unknown> {
  if (!isJsonInUtf8(req.headers['content-type'])) throw new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE');
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw new ZkpAuthError('PAYLOAD_TOO_LARGE');
  if (isUnread(req)) await raw(req, res);
  const body: unknown = req.body;
  if (!(body instanceof Uint8Array)) return body;
  try {
    return JSON.parse(utf8.decode(body));
  } catch (cause) {
    throw new ZkpAuthError('INVALID_BODY', undefined, { cause });
  }
}

/** Express 4 starts with `body` undefined or `{}` depending on who ran before; a parser always leaves a mark. */
function isUnread(req: Request): boolean {
  return !req.readableEnded && !('_body' in req && req._body === true);
}

function raw(req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    readRaw(req, res, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(bodyError(error));
    });
  });
}

function bodyError(cause: unknown): ZkpAuthError {
  const status = (cause as { status?: unknown }).status;
  if (status === 413) return new ZkpAuthError('PAYLOAD_TOO_LARGE', undefined, { cause });
  if (status === 415) return new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE', undefined, { cause });
  return new ZkpAuthError('INVALID_BODY', undefined, { cause });
}

function isJsonInUtf8(contentType: string | undefined): boolean {
  return (
    contentType !== undefined &&
    /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType)
  );
}
