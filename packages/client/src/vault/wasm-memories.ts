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
