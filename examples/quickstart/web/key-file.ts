import { make } from './dom.ts';
import { Explained } from './explained.ts';

const maxBytes = 65_536;

/** Hand a key's text to the person as a file. */
export function saveKeyFile(userId: string, blob: string): void {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/json' }));
  const name = userId.replaceAll(/[^\p{L}\p{N}._@-]+/gu, '_');
  make('a', { href: url, download: `${name}.zkp-key.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The text of a key file; of a file that cannot be one, as much as shows that it is none. */
export async function readKeyFile(file: File): Promise<string> {
  try {
    return await file.slice(0, maxBytes + 1).text();
  } catch (cause) {
    // It was moved, changed or deleted since it was chosen.
    throw new Explained('This file can no longer be read.', 'Choose it again.', { cause });
  }
}

/** What a key file is locked under: the PIN, a passphrase, or the PIN alone as the first generation had it. */
export type KeyFileKind = 'pin' | 'passphrase' | 'first generation';

/** As far as it shows: the vault is what checks a file. */
export function kindOf(text: string): KeyFileKind {
  try {
    const file = JSON.parse(text) as { version?: unknown; slots?: { kind?: unknown }[] } | null;
    if (file?.version === 1) return 'first generation';
    return file?.slots?.[0]?.kind === 'passphrase' ? 'passphrase' : 'pin';
  } catch {
    return 'pin';
  }
}

/** Let a file be dropped where one can be chosen. */
export function bindDrop(target: HTMLElement, input: HTMLInputElement): void {
  const over = (active: boolean) => (event: DragEvent) => {
    event.preventDefault();
    target.classList.toggle('over', active);
  };
  target.addEventListener('dragover', over(true));
  target.addEventListener('dragleave', over(false));
  target.addEventListener('drop', (event) => {
    over(false)(event);
    const [file] = event.dataTransfer?.files ?? [];
    if (file === undefined) return;
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  // A file that misses its place must not replace the page.
  for (const type of ['dragover', 'drop'] as const)
    document.addEventListener(type, (event) => event.preventDefault());
}
