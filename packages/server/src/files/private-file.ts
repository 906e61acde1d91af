import { ZkpAuthError } from '@zkp-auth/core';

/** A file that only its owner may read. */
export interface PrivateFile {
  path: string;
  /** The name in messages, such as `signing key file`. */
  name: string;
}

/**
 * Do something with a private file.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` that names the file, for every failure.
 */
export async function usePrivateFile<T>({ path, name }: PrivateFile, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    if (cause instanceof ZkpAuthError) throw cause;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    throw new ZkpAuthError('KEY_FILE_INVALID', `The ${name} ${path} cannot be used${reason}.`, { cause });
  }
}
