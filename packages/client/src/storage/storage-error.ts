import { ZkpAuthError } from '@zkp-auth/core';

/** The error of an unusable store. It says so if the browser forbids the site to keep anything. */
export function storageError(cause: unknown, message?: string): ZkpAuthError {
  return new ZkpAuthError('STORAGE_ERROR', isForbidden(cause) ? forbidden : message, { cause });
}

const forbidden = 'The browser forbids this site to store anything.';

/** Firefox and Web Locks report it by the error's name, and Chromium's IndexedDB only by its text. */
function isForbidden(cause: unknown): boolean {
  if (!(cause instanceof DOMException)) return false;
  return cause.name === 'SecurityError' || cause.message.includes('denied permission');
}
