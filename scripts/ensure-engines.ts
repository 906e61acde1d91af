// Find the browser and the servers that the tests drive; as root on Debian, install what is missing.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Engine {
  /** Environment variable that names it, and that the tests read. */
  variable: string;
  names: readonly string[];
  /** Where it stands beside the folders of PATH. */
  folders?: () => readonly string[];
  debianPackages: readonly string[];
}

const engines: readonly Engine[] = [
  {
    variable: 'CHROMIUM_PATH',
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    debianPackages: ['chromium', 'fonts-liberation'],
  },
  { variable: 'REDIS_SERVER_PATH', names: ['redis-server'], debianPackages: ['redis-server'] },
  {
    variable: 'POSTGRES_PATH',
    names: ['postgres'],
    folders: debianPostgresFolders,
    debianPackages: ['postgresql'],
  },
  { variable: 'NGINX_PATH', names: ['nginx'], folders: systemFolders, debianPackages: ['nginx'] },
  {
    variable: 'APACHE_PATH',
    names: ['apache2', 'httpd'],
    folders: systemFolders,
    debianPackages: ['apache2-bin'],
  },
  { variable: 'HAPROXY_PATH', names: ['haproxy'], folders: systemFolders, debianPackages: ['haproxy'] },
  { variable: 'CADDY_PATH', names: ['caddy'], debianPackages: ['caddy'] },
  { variable: 'OPENSSL_PATH', names: ['openssl'], debianPackages: ['openssl'] },
  {
    variable: 'PGBOUNCER_PATH',
    names: ['pgbouncer'],
    folders: systemFolders,
    debianPackages: ['pgbouncer'],
  },
];

/** An account that is not root's may not have it in its PATH. */
function systemFolders(): readonly string[] {
  return ['/usr/sbin'];
}

/** Set every engine's variable to its path. Throws one sentence on what to install where that is not possible. */
export function ensureEngines(): void {
  let missing = engines.filter((engine) => !locate(engine));
  if (missing.length === 0) return;
  const packages = missing.flatMap((engine) => engine.debianPackages);
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log(`Installing from Debian: ${packages.join(' ')}`);
    installFromDebian(packages);
    missing = missing.filter((engine) => !locate(engine));
  }
  if (missing.length > 0) {
    const wanted = missing.map((engine) => `${engine.names[0]} (or set ${engine.variable})`).join(' and ');
    throw new Error(`The tests need ${wanted} on this machine: install it and run npm test again.`);
  }
}

function locate({ variable, names, folders = () => [] }: Engine): boolean {
  const named = process.env[variable];
  const path =
    named !== undefined && isExecutable(named)
      ? named
      : names.map((name) => find(name, folders())).find((p) => p !== undefined);
  if (path === undefined) return false;
  process.env[variable] = path;
  return true;
}

function find(name: string, folders: readonly string[]): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...path, ...folders].map((folder) => join(folder, name)).find(isExecutable);
}

/** Debian keeps each version's programs in a folder of its own; the newest comes first. */
function debianPostgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installFromDebian(packages: readonly string[]): void {
  // These two keep the packages from starting services, by System V and by systemd: the tests start their own.
  const quiet = { RUNLEVEL: '1', SYSTEMD_OFFLINE: '1' };
  const env = { ...process.env, ...quiet, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args: string[]): void => {
    execFileSync('apt-get', ['-q', '-o', 'Dpkg::Use-Pty=0', ...args], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  run('update');
  run('install', '-y', '--no-install-recommends', ...packages);
}
