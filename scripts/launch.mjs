// Run a task of this repository under its own versions of Node.js and pnpm, on a machine with any Node.js >= 20 and
// npm. Missing ones come from the npm registry. This is plain JavaScript, because the old Node.js runs it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

// Exact versions, because npx answers from its cache at once for them. For a range it would ask the registry.
const nodeVersion = '24.21.0';
const pnpmVersion = '12.21.0';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tasks = {
  start: 'run-quickstart.ts',
  test: 'run-tests.ts',
  bench: 'run-bench.ts',
  exec: 'run-command.ts',
};
const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) {
  console.error(`usage: node scripts/launch.mjs ${Object.keys(tasks).join('|')}`);
  process.exit(2);
}

const env = cleanEnvironment();
const { node, path } = findTools();
const child = spawn(node, [join(root, 'scripts', tasks[task]), ...args], {
  cwd: root,
  env: { ...env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  stdio: 'inherit',
  // A group of its own, so that every process of the task can be ended with it.
  detached: process.platform !== 'win32',
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal));
// npm passes no signals on. If npm is gone, nobody waits for this task any more.
const parent = process.ppid;
const watch = setInterval(() => process.ppid !== parent && end('SIGTERM'), 500);
child.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
  clearInterval(watch);
});
child.on('exit', (code, signal) => {
  clearInterval(watch);
  end('SIGTERM');
  process.exit(code ?? (signal === 'SIGINT' ? 130 : 143));
});

function end(signal) {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}

/** Settings that npm passes on would steer the npm and pnpm that run below. */
function cleanEnvironment() {
  const drop = /^npm_(config|package|lifecycle|command|execpath|node)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !drop.test(name)));
}

function findTools() {
  const packages = [`pnpm@${pnpmVersion}`];
  if (!isDevelopmentNode(process.versions.node)) packages.unshift(`node@${nodeVersion}`);
  const script = `console.log(JSON.stringify([process.versions.node, process.execPath, process.env.PATH]))`;
  const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
  let answer;
  try {
    answer = execFileSync(
      npx,
      [
        '--yes',
        '--prefer-offline',
        '--ignore-scripts=false',
        ...packages.flatMap((name) => ['-p', name]),
        '-c',
        `node -e "${script}"`,
      ],
      {
        env,
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        shell: process.platform === 'win32',
      },
    );
  } catch {
    return fail(`npx could not fetch ${packages.join(' and ')} from the npm registry.`);
  }
  const [version, execPath, found] = JSON.parse(answer.trim().split('\n').at(-1));
  if (!isDevelopmentNode(version)) {
    return fail(`npx gave Node.js ${version}; this repository needs 22.19 or newer: install Node.js 24.`);
  }
  const pnpmFolder = found.split(delimiter).find((folder) => existsSync(join(folder, 'pnpm')));
  if (pnpmFolder === undefined) return fail('npx gave no pnpm.');
  return { node: execPath, path: [dirname(execPath), pnpmFolder, env.PATH].join(delimiter) };
}

function isDevelopmentNode(version) {
  const [major, minor] = version.split('.').map(Number);
  return (major === 22 && minor >= 19) || (major === 24 && minor >= 11) || major > 24;
}

function fail(message) {
  console.error(message);
  return process.exit(1);
}
