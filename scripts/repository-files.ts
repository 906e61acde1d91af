import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { root } from './run.ts';

/**
 * The files of the repository that are on disk, by their path from its root. Files that are not committed yet are among
 * them, and files that Git ignores are not.
 *
 * @param patterns Git's pathspecs; default all files.
 */
export function repositoryFiles(...patterns: readonly string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', ...patterns];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(root + file));
}
