// The rooms and the one direction between them. core <- client, server. examples, e2e and bench are on top.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './run.ts';

/**
 * For the published code of each room, our packages that it may depend on, and the files that may use Node's
 * modules.
 */
const rooms = {
  'packages/core': { ours: [], node: /^src\/(?:index\.node|sha256\.node|verify\/verify-proof-native)\.ts$/ },
  'packages/client': { ours: ['@zkp-auth/core'], node: /^$/ },
  'packages/server': { ours: ['@zkp-auth/core'], node: /./ },
} as const;

/** Packages that a browser must never get. So core and client never name them. */
const serverOnly = /^(?:express|fastify|ioredis|kysely|better-sqlite3|pg|jose)(?:\/|$)/;
/** For a web framework or a database, the one folder of the server that may load it. */
const adapters: Readonly<Record<string, RegExp>> = {
  express: /^src\/express\//,
  fastify: /^src\/fastify\//,
  ioredis: /^src\/redis\//,
  kysely: /^src\/sql\//,
  'better-sqlite3': /^src\/sql\//,
};
/** Packages whose types must stay in their adapter too. */
const frameworks: ReadonlySet<string> = new Set(['express', 'fastify']);

/** For a folder of the server, the folders that none of its files imports, types included. */
const closedTo: Readonly<Record<string, readonly string[]>> = {
  http: ['express', 'fastify', 'fetch', 'node'],
  node: ['express', 'fastify', 'fetch'],
  express: ['fastify', 'fetch'],
  fastify: ['express', 'fetch'],
  fetch: ['express', 'fastify'],
  operations: ['http', 'express', 'fastify', 'fetch', 'node', 'operator'],
  operator: ['http', 'express', 'fastify', 'fetch', 'node'],
  stores: ['http', 'node', 'operations', 'operator', 'pin', 'sql', 'redis'],
  files: ['http', 'node', 'operations', 'operator', 'keys', 'pin', 'stores', 'sql', 'redis'],
};

/**
 * The folders of the client, from the lowest to the highest, and the folders that the files of each may import,
 * types included. A room also uses the common files beside the folders, and `client-types` in the two highest.
 */
const clientRooms: Readonly<Record<string, readonly string[]>> = {
  storage: [],
  transport: [],
  pins: [],
  locks: ['storage'],
  passphrases: ['pins'],
  vault: ['storage', 'pins'],
  worker: ['vault', 'storage', 'transport'],
  passkeys: ['vault', 'storage'],
  sessions: ['transport', 'storage', 'locks'],
  ceremony: ['sessions', 'passkeys', 'vault', 'locks', 'pins', 'transport', 'storage', 'client-types'],
  operations: [
    'ceremony',
    'sessions',
    'passkeys',
    'passphrases',
    'vault',
    'locks',
    'pins',
    'transport',
    'storage',
    'client-types',
    'management-methods',
  ],
};
const clientCommon: ReadonlySet<string> = new Set([
  'has-code',
  'load-part',
  'open-channel',
  'unless-aborted',
]);
/** The build replaces this file by another one. It may import packages that only the build needs. */
const replaced = 'packages/client/src/passphrases/dictionaries.ts';

const problems: string[] = [];

for (const [room, rule] of Object.entries(rooms)) {
  const manifest = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const dependencies = Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] });
  const ofBuild = Object.keys({ ...manifest['devDependencies'] });
  const own = Object.keys({ ...manifest['dependencies'], ...manifest['devDependencies'] }).filter((name) =>
    name.startsWith('@zkp-auth/'),
  );
  for (const name of own) {
    if (!(rule.ours as readonly string[]).includes(name))
      problems.push(`${room}/package.json depends on ${name}`);
  }
  for (const file of sourceFiles(join(root, room, 'src'))) {
    const path = relative(join(root, room), file);
    for (const { specifier, typeOnly } of importsOf(readFileSync(file, 'utf8'))) {
      const complain = (why: string): void =>
        void problems.push(`${room}/${path} imports ${specifier}: ${why}`);
      if (specifier.startsWith('node:')) {
        if (!rule.node.test(path)) complain('no Node.js modules here');
      } else if (specifier.startsWith('.')) {
        if (!join(file, '..', specifier).startsWith(join(root, room, 'src'))) complain('outside its package');
        const [folder = ''] = path.split('/').slice(1);
        const [target = ''] = relative(join(root, room, 'src'), join(file, '..', specifier)).split('/');
        if (room === 'packages/server' && closedTo[folder]?.includes(target) === true)
          complain(`${folder}/ imports nothing of ${target}/`);
        const own = room === 'packages/client' && !folder.endsWith('.ts') ? folder : undefined;
        const name = target.replace(/\.js$/, '');
        if (own !== undefined && name !== own && !clientCommon.has(name)) {
          if (clientRooms[own]?.includes(name) !== true) complain(`${own}/ imports nothing of ${name}`);
        }
      } else if (!specifier.startsWith('#')) {
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        const isOfBuild = `${room}/${path}` === replaced && ofBuild.includes(name);
        if (!dependencies.includes(name) && !isOfBuild) complain('not among the dependencies');
        if (room !== 'packages/server' && serverOnly.test(specifier)) complain('a package for servers');
        const home = adapters[name];
        const mayNameTypes = typeOnly && !frameworks.has(name);
        if (room === 'packages/server' && home !== undefined && !home.test(path) && !mayNameTypes)
          complain('outside its adapter');
      }
    }
  }
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(text: string): { specifier: string; typeOnly: boolean }[] {
  const statements = text.matchAll(/^(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gms);
  const dynamic = text.matchAll(/\bimport\(\s*'([^']+)'/g);
  return [
    ...[...statements].map((match) => ({ specifier: match[3] as string, typeOnly: match[2] !== undefined })),
    ...[...dynamic].map((match) => ({ specifier: match[1] as string, typeOnly: false })),
  ];
}
