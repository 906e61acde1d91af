import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../packages', import.meta.url));

/**
 * Pack packages of the workspace as for publication.
 *
 * @param names names without their scope, such as `client`.
 */
export function packPackages(folder: string, names: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    execFileSync('pnpm', ['pack', '--pack-destination', folder], {
      cwd: join(packages, name),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
}

/** The dependency entries of a manifest for the packed packages, by name. */
export function packedPackages(folder: string): Record<string, string> {
  const found = readdirSync(folder).flatMap((file) => {
    const name = /^zkp-auth-([a-z]+)-.*\.tgz$/.exec(file)?.[1];
    return name === undefined ? [] : [[`@zkp-auth/${name}`, `file:${join(folder, file)}`] as const];
  });
  if (found.length === 0) throw new Error(`nothing was packed into ${folder}`);
  return Object.fromEntries(found);
}

/**
 * The pnpm-workspace.yaml of an application outside the workspace. It takes every one of our packages from the packed
 * files.
 *
 * @param scripts packages with build scripts that do not run. pnpm requires their names.
 */
export function workspaceFile(packed: Record<string, string>, scripts: readonly string[]): string {
  return [
    'packages: []',
    'pmOnFail: ignore',
    'allowBuilds:',
    ...scripts.map((name) => `  '${name}': false`),
    'overrides:',
    ...Object.entries(packed).map(([name, file]) => `  '${name}': '${file}'`),
    '',
  ].join('\n');
}
