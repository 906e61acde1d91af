import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Certificate, trustedCertificate } from './certificate.ts';
import { type ProxyName, replaceOnce } from './documented-settings.ts';
import { freePort } from '../free-port.ts';

export interface ProxySettings {
  proxy: ProxyName;
  /** The site as in docs/guides/proxies.md, for app.example on 443, in front of 127.0.0.1:3000. */
  site: string;
  /** The port that replaces 3000. */
  upstreamPort: number;
}

/** A proxy for one test, on a loopback port and in a folder of its own. */
export interface ProxyProcess {
  /** The address of the proxy. This process trusts its certificate. */
  url: string;
  stop(): Promise<void>;
}

interface Setup {
  site: string;
  port: number;
  folder: string;
}

interface Program {
  command: string;
  args: readonly string[];
  /** The whole configuration, which is written to the file `config` of the folder. */
  config: string;
}

/** How each proxy runs in the foreground, without any set-up of the system's. A slow server gets one second. */
const programs: Record<ProxyName, (setup: Setup) => Program> = {
  nginx({ site, port, folder }) {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    return {
      command: process.env['NGINX_PATH'] ?? 'nginx',
      args: ['-p', folder, '-c', join(folder, 'config'), '-e', 'stderr'],
      config: `
        daemon off; master_process off; pid ${folder}/pid;
        events {}
        http {
          access_log off; proxy_read_timeout 1s;
          ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
          ${replaceOnce(site, '443', `127.0.0.1:${port}`)}
        }`,
    };
  },
  apache({ site, port, folder }) {
    const modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'ssl'];
    const ofModules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib/httpd/modules'];
    const at = ofModules.find((path) => existsSync(path)) ?? 'modules';
    return {
      command: process.env['APACHE_PATH'] ?? 'apache2',
      args: ['-DFOREGROUND', '-f', join(folder, 'config')],
      config: [
        `ServerRoot ${folder}`,
        `DefaultRuntimeDir ${folder}`,
        `PidFile ${folder}/pid`,
        `ErrorLog ${folder}/log`,
        'ServerName 127.0.0.1',
        ...modules.map((name) => `LoadModule ${name}_module ${at}/mod_${name}.so`),
        'StartServers 1',
        'ProxyTimeout 1',
        `Listen 127.0.0.1:${port}`,
        replaceOnce(site, '*:443', `127.0.0.1:${port}`),
      ].join('\n'),
    };
  },
  haproxy({ site, port, folder }) {
    return {
      command: process.env['HAPROXY_PATH'] ?? 'haproxy',
      args: ['-db', '-f', join(folder, 'config')],
      config: `
defaults
  timeout connect 1s
  timeout client 10s
  timeout server 1s
  retries 0

${replaceOnce(site, ':443', `127.0.0.1:${port}`)}`,
    };
  },
  caddy({ site, port, folder }) {
    return {
      command: process.env['CADDY_PATH'] ?? 'caddy',
      args: ['run', '--adapter', 'caddyfile', '--config', join(folder, 'config')],
      config: `{
  admin off
  auto_https disable_redirects
  default_bind 127.0.0.1
}
${replaceOnce(site, 'app.example:443', `127.0.0.1:${port}`)}`,
    };
  },
};

export async function startProxy({ proxy, site, upstreamPort }: ProxySettings): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), `zkp-auth-${proxy}-`));
  mkdirSync(join(folder, 'home'));
  const certificate = trustedCertificate(folder);
  const port = await freePort();
  const { command, args, config } = programs[proxy]({ site, port, folder });
  const own = replaceOnce(config, '127.0.0.1:3000', `127.0.0.1:${upstreamPort}`).replaceAll(
    /\/etc\/ssl\/app\.example\.(crt|key|pem)/g,
    (_, kind: keyof Certificate) => certificate[kind],
  );
  writeFileSync(join(folder, 'config'), own);
  const home = join(folder, 'home');
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const discard = (): void => rmSync(folder, { recursive: true, force: true });
  await ready(child, { command, port }).catch((error: unknown) => {
    discard();
    throw error;
  });
  return {
    url: `https://127.0.0.1:${port}`,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      discard();
    },
  };
}

async function ready(
  child: ChildProcess,
  { command, port }: { command: string; port: number },
): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  child.once('error', (error) => (said += error.message));
  for (let tries = 0; child.exitCode === null && tries < 300; tries++) {
    if (await accepts(port)) return;
    await sleep(50);
  }
  child.kill('SIGTERM');
  throw new Error(`${command} did not start: ${said}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
