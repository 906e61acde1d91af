import type * as FileSystem from 'node:fs/promises';
import { basename } from 'node:path';

/** Faults of an unusual volume. Each test sets the faults that it needs, and `reset` ends them. */
export const fileFaults = {
  /** `link` rejects with this code. */
  link: null as string | null,
  /** `rename` rejects with this code. */
  rename: null as string | null,
  /** Opening a new file rejects with this code. */
  create: null as string | null,
  /** Writing a file whose name has this end rejects with this code. */
  write: null as { end: string; code: string } | null,
  /** Syncing a folder rejects with this code. */
  syncFolder: null as string | null,
  /** `stat` gives these values for files. */
  stats: null as { mode?: number; uid?: number } | null,
  /** Names of the files that were written to. */
  written: [] as string[],
  reset(): void {
    this.link = this.rename = this.create = this.write = this.syncFolder = this.stats = null;
    this.written = [];
  },
};

/** `node:fs/promises` with these faults, for `vi.mock`. */
export function withFileFaults(actual: typeof FileSystem): typeof FileSystem {
  return {
    ...actual,
    link: async (...args) => {
      failWith(fileFaults.link, 'link');
      return actual.link(...args);
    },
    rename: async (...args) => {
      failWith(fileFaults.rename, 'rename');
      return actual.rename(...args);
    },
    open: async (path, flags, mode) => {
      if (flags === 'wx') failWith(fileFaults.create, 'open');
      return faulty(await actual.open(path, flags, mode), basename(String(path)));
    },
  };
}

function faulty(handle: FileSystem.FileHandle, name: string): FileSystem.FileHandle {
  const stat = handle.stat.bind(handle) as () => Promise<object>;
  const writeFile = handle.writeFile.bind(handle);
  const sync = handle.sync.bind(handle);
  return Object.assign(handle, {
    stat: async () => Object.assign(await stat(), fileFaults.stats),
    writeFile: async (data: string) => {
      const { write } = fileFaults;
      if (write !== null && name.endsWith(write.end)) failWith(write.code, 'write');
      fileFaults.written.push(name);
      await writeFile(data);
    },
    sync: async () => {
      if (!name.endsWith('.tmp')) failWith(fileFaults.syncFolder, 'fsync');
      await sync();
    },
  });
}

function failWith(code: string | null, call: string): void {
  if (code !== null) throw Object.assign(new Error(`${code}: ${call}`), { code });
}
