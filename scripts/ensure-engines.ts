// Find the browsers and the servers that the tests drive. As root on Debian, install the missing ones.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Engine {
  /** Environment variable with its path. The tests read it. */
  variable: string;
  names: readonly string[];
  /** Folders beside PATH that may have it. */
  folders?: () => readonly string[];
  /** Whether a found program is suitable. Default every program that can be run. */
  willDo?: (path: string) => boolean;
  /** Its name in the sentence that says it is missing. Default the first name. */
  called?: string;
  debianPackages: readonly string[];
}

const engines: readonly Engine[] = [
  {
    variable: 'CHROMIUM_PATH',
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    debianPackages: ['chromium', 'fonts-liberation'],
  },
  {
    variable: 'FIREFOX_PATH',
    names: ['firefox-esr', 'firefox'],
    debianPackages: ['firefox-esr', 'fonts-liberation'],
  },
  {
    variable: 'WEBKIT_DRIVER_PATH',
    names: ['WebKitWebDriver'],
    debianPackages: ['webkit2gtk-driver', 'dbus', 'fonts-liberation'],
  },
  {
    variable: 'WEBKIT_PYTHON',
    names: ['python3'],
    folders: () => ['/usr/bin'],
    willDo: hasWebKit,
    called: 'python3 with PyGObject and WebKit2 4.1',
    debianPackages: ['python3-gi', 'gir1.2-webkit2-4.1'],
  },
  { variable: 'XVFB_PATH', names: ['Xvfb'], debianPackages: ['xvfb'] },
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

/** The PATH of an account other than root may lack it. */
function systemFolders(): readonly string[] {
  return ['/usr/sbin'];
}

/** The launcher of WebKitGTK is a Python script over its introspected library. */
function hasWebKit(python: string): boolean {
  const script = "import gi; gi.require_version('WebKit2', '4.1'); from gi.repository import WebKit2";
  return spawnSync(python, ['-c', script], { stdio: 'ignore' }).status === 0;
}

/** Variables of the browsers and of their drivers. */
export const browserVariables: readonly string[] = [
  'CHROMIUM_PATH',
  'FIREFOX_PATH',
  'WEBKIT_DRIVER_PATH',
  'WEBKIT_PYTHON',
  'XVFB_PATH',
];

/**
 * Set every engine's variable to its path. If that is not possible, it throws one sentence that names the packages
 * to install.
 *
 * @param variables of the engines that are needed. Default all.
 */
export function ensureEngines(variables: readonly string[] = engines.map(({ variable }) => variable)): void {
  const wanted = engines.filter(({ variable }) => variables.includes(variable));
  let missing = wanted.filter((engine) => !locate(engine));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((engine) => engine.debianPackages))];
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log(`Installing from Debian: ${packages.join(' ')}`);
    installFromDebian(packages);
    missing = missing.filter((engine) => !locate(engine));
  }
  if (missing.length > 0) {
    const names = missing
      .map(({ called, names, variable }) => `${called ?? names[0]} (or set ${variable})`)
      .join(' and ');
    throw new Error(`The tests need ${names} on this machine: install it and run npm test again.`);
  }
}

function locate({ variable, names, folders = () => [], willDo = () => true }: Engine): boolean {
  const onPath = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = names.flatMap((name) => [...onPath, ...folders()].map((folder) => join(folder, name)));
  const path = [process.env[variable] ?? '', ...candidates].find(
    (each) => isExecutable(each) && willDo(each),
  );
  if (path === undefined) return false;
  process.env[variable] = path;
  return true;
}

/** Debian keeps each version's programs in a folder of its own. The newest comes first. */
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
  // These two keep the packages from starting services, by System V and by systemd. The tests start their own.
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
