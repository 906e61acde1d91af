import { contentVersion } from './content-version.js';
import { createPrivateFile, readPrivateFile, replacePrivateFile } from './private-file-content.js';
import { type PrivateFile, usePrivateFile } from './private-file.js';

/** A text in its file. */
export interface StoredText {
  /** Changes whenever the content changes. */
  version: number;
  content: string;
}

/** One text in a private file. A caller replaces the whole text, and only if it has read the present version. */
export class PrivateText {
  readonly #file: PrivateFile;

  constructor(file: PrivateFile) {
    this.#file = file;
  }

  read(): Promise<StoredText | null> {
    return usePrivateFile(this.#file, async () => {
      const content = await readPrivateFile(this.#file);
      return content === null ? null : { version: contentVersion(content), content };
    });
  }

  replace(expectedVersion: number | null, content: string): Promise<boolean> {
    return usePrivateFile(this.#file, async () => {
      if (expectedVersion === null) return (await createPrivateFile(this.#file, content)) === content;
      const isExpected = (current: string | null): boolean =>
        current !== null && contentVersion(current) === expectedVersion;
      return replacePrivateFile(this.#file, content, isExpected);
    });
  }
}
