import { type Argon2idParameters, wipe, ZkpAuthError } from '@zkp-auth/core';
import { argon2id } from 'hash-wasm';
import { subtleCrypto } from './subtle-crypto.js';

/** Argon2id runs one at a time. Two runs would need twice the memory, and each run wipes the memory after it. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * The AES-256-GCM key of a slot, by Argon2id over a password. It wipes the password.
 *
 * @throws `VAULT_UNAVAILABLE` if there is no memory, or WebAssembly is not allowed here.
 */
export async function deriveKey(
  password: Uint8Array,
  kdf: Argon2idParameters & { salt: Uint8Array },
): Promise<CryptoKey> {
  const turn = queue.then(() => runArgon2id(password, kdf));
  queue = turn.catch(() => undefined);
  return importWrappingKey(await turn);
}

/** Turn 32 bytes into a wrapping key that cannot be read back. It wipes the bytes. */
export async function importWrappingKey(bytes: Uint8Array): Promise<CryptoKey> {
  try {
    const usages: KeyUsage[] = ['encrypt', 'decrypt'];
    return await subtleCrypto().importKey('raw', bytes as BufferSource, 'AES-GCM', false, usages);
  } finally {
    wipe(bytes);
  }
}

async function runArgon2id(
  password: Uint8Array,
  { m, t, p, salt }: Argon2idParameters & { salt: Uint8Array },
): Promise<Uint8Array> {
  try {
    subtleCrypto();
    return await argon2id({
      password,
      salt,
      parallelism: p,
      iterations: t,
      memorySize: m,
      hashLength: 32,
      outputType: 'binary',
    });
  } catch (cause) {
    if (cause instanceof ZkpAuthError) throw cause;
    throw new ZkpAuthError('VAULT_UNAVAILABLE', `Argon2id could not run${reasonOf(cause)}.`, { cause });
  } finally {
    wipe(password);
    wipeWasmMemories();
  }
}

/** The module of hash-wasm never changes. So it fails to compile only if a policy refuses it. */
function reasonOf(cause: unknown): string {
  return cause instanceof WebAssembly.CompileError
    ? ": script-src needs 'wasm-unsafe-eval' in the Content-Security-Policy of vault-worker.js"
    : '';
}

type Instantiate = (
  module: WebAssembly.Module,
  imports?: WebAssembly.Imports,
) => Promise<WebAssembly.Instance>;

const memories = new Set<WebAssembly.Memory>();

/**
 * Remember the memory of every WebAssembly module that starts from here on, so that it can be wiped. It is for the
 * vault worker, in which only Argon2id is WebAssembly.
 */
export function watchWasmMemories(): void {
  const instantiate = WebAssembly.instantiate as Instantiate;
  const watched: Instantiate = async (module, imports) => {
    const instance = await instantiate(module, imports);
    const { memory } = instance.exports;
    if (memory instanceof WebAssembly.Memory) memories.add(memory);
    return instance;
  };
  WebAssembly.instantiate = watched as typeof WebAssembly.instantiate;
}

/** Overwrite every remembered memory, and forget it. */
export function wipeWasmMemories(): void {
  for (const { buffer } of memories) new Uint8Array(buffer).fill(0);
  memories.clear();
}
