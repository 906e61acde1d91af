import { readFileSync } from 'node:fs';
import { replaceOnce } from '../proxies/documented-settings.ts';

/** How a documented application is completed and started. */
interface Recipe {
  name: string;
  /** The documenting page, and the heading of the application. */
  source: readonly [page: string, heading: string];
  /** The line that serves the page, which differs in every application, and the line that it precedes. */
  page?: { imports: string; line: string; before: string };
}

export const recipes = {
  express: {
    name: 'Express',
    source: ['README.md', '### Express'],
    page: { imports: '', line: "app.use(express.static('public'));", before: 'app.listen(' },
  },
  fastify: {
    name: 'Fastify',
    source: ['docs/guides/fastify.md', '# Add it to a Fastify app'],
    page: {
      imports: "import fastifyStatic from '@fastify/static';",
      line: "app.register(fastifyStatic, { root: import.meta.dirname + '/public' });",
      before: 'await app.listen(',
    },
  },
  hono: {
    name: 'Hono',
    source: ['docs/guides/hono.md', '## Hono'],
    page: {
      imports: "import { serveStatic } from '@hono/node-server/serve-static';",
      line: "app.use(serveStatic({ root: './public' }));",
      before: 'serve(',
    },
  },
  // Next.js serves its folder `public` by itself.
  next: { name: 'Next.js', source: ['docs/guides/next.md', '## Next.js'] },
} as const satisfies Record<string, Recipe>;

export type FrameworkName = keyof typeof recipes;
export const frameworks = Object.keys(recipes) as FrameworkName[];

/** Files by their path in the application's folder. */
export type Files = Record<string, string>;

/**
 * The code that the docs have for a framework, unchanged. A block that begins with a comment of a path is that file.
 * The other blocks are `server.ts`.
 */
export function documentedBlocks(framework: FrameworkName): Files {
  const [page, heading] = recipes[framework].source;
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const [, after] = `\n${text}`.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`${page} has no section ${heading}`);
  const [section = ''] = after.split(/^#/m);
  const files: Files = {};
  for (const [, code = ''] of section.matchAll(/^```ts\n([^]*?)^```/gm)) {
    const [, path = 'server.ts', rest = code] = /^\/\/ (\S+\.ts)\n([^]*)$/.exec(code) ?? [];
    files[path] = (files[path] ?? '') + rest;
  }
  if (Object.keys(files).length === 0) throw new Error(`${page} has no code under ${heading}`);
  return files;
}

/** The application. It is the documented code with another port of this machine, and with a page. */
export function documentedApp(framework: FrameworkName, port: number): Files {
  const { page }: Recipe = recipes[framework];
  const files = documentedBlocks(framework);
  for (const [path, code] of Object.entries(files)) files[path] = code.replaceAll('3000', String(port));
  const { 'server.ts': server } = files;
  if (page === undefined || server === undefined) return files;
  const { imports, line, before } = page;
  return {
    ...files,
    'server.ts': `${imports}\n${replaceOnce(server, `\n${before}`, `\n${line}\n${before}`)}`,
  };
}
