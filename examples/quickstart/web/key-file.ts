import { make } from './dom.ts';
import { Explained } from './explained.ts';

const maxBytes = 65_536;

/** Give a key's text to the person as a file. */
export function saveKeyFile(userId: string, blob: string): void {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/json' }));
  const name = userId.replaceAll(/[^\p{L}\p{N}._@-]+/gu, '_');
  make('a', { href: url, download: `${name}.zkp-key.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The text of a key file. It reads only the beginning of a file that is too large. */
export async function readKeyFile(file: File): Promise<string> {
  try {
    return await file.slice(0, maxBytes + 1).text();
  } catch (cause) {
    // The file was moved, changed or deleted after it was chosen.
    throw new Explained('This file can no longer be read.', 'Choose it again.', { cause });
  }
}

/** The secret that locks a key file. It is the PIN, a passphrase, or in the first generation the PIN alone. */
export type KeyFileKind = 'pin' | 'passphrase' | 'first generation';

/** The kind of a key file, by its looks. The vault checks the file itself. */
export function kindOf(text: string): KeyFileKind {
  try {
    const file = JSON.parse(text) as { version?: unknown; slots?: { kind?: unknown }[] } | null;
    if (file?.version === 1) return 'first generation';
    return file?.slots?.[0]?.kind === 'passphrase' ? 'passphrase' : 'pin';
  } catch {
    return 'pin';
  }
}

/** Accept a dropped file in the place of a chosen one. */
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
  // A file that is dropped beside its target must not replace the page.
  for (const type of ['dragover', 'drop'] as const)
    document.addEventListener(type, (event) => event.preventDefault());
}
