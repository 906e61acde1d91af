import { readFileSync } from 'node:fs';

/** Files by their path in the application's folder. */
export type Files = Record<string, string>;

export interface DocumentedBundler {
  /** The tested version, as the docs give it. */
  version: string;
  /** The policy to send with every answer. */
  policy: string;
  /** The settings, exactly as in the docs. */
  files: Files;
}

const pageOf = (name: string): string =>
  readFileSync(new URL(`../../docs/guides/${name}.md`, import.meta.url), 'utf8');
const bundlers = pageOf('bundlers');
const contentSecurityPolicy = pageOf('content-security-policy');
const sections = `${bundlers}\n${contentSecurityPolicy}`;

/** The documentation of a bundler. It is the bundler's row, and the blocks under the heading to which the row links. */
export function documentedBundler(name: string): DocumentedBundler {
  const row = bundlers.split('\n').find((line) => line.startsWith(`| ${name} `));
  const [, , version = '', setting = '', instead = ''] = (row ?? '').split('|').map((cell) => cell.trim());
  const heading = /\]\(#(.+)\)/.exec(setting)?.[1];
  return {
    version,
    policy: policyWith(instead),
    files: heading === undefined ? {} : documentedFiles(heading),
  };
}

/** The code blocks under a heading that name a file, either in the first line or, for JSON, after the language. */
export function documentedFiles(heading: string): Files {
  const title = [...sections.matchAll(/^## (.+)$/gm)].find(
    ([, text]) => anchorOf(text ?? '') === heading,
  )?.[1];
  const text = between(`${sections}\n## `, `## ${title}\n`, '\n## ');
  const scripts = [...text.matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```/gm)];
  const json = [...text.matchAll(/^```json (\S+)\n([^]*?)^```/gm)];
  const files = Object.fromEntries([...scripts, ...json].map(([, name, code]) => [name, code])) as Files;
  if (Object.keys(files).length === 0) throw new Error(`docs/guides has no file under #${heading}`);
  return files;
}

/** The documented Content-Security-Policy. The given directives replace its directives of the same name. */
export function policyWith(instead: string): string {
  const text = between(contentSecurityPolicy, 'Content-Security-Policy: ', '\n');
  let directives = text.split('; ');
  for (const [, directive = ''] of instead.matchAll(/`([a-z-]+ [^`]+)`/g)) {
    const [name = ''] = directive.split(' ');
    if (!directives.some((other) => other.startsWith(`${name} `)))
      throw new Error(`no ${name} in the policy`);
    directives = directives.map((other) => (other.startsWith(`${name} `) ? directive : other));
  }
  return directives.join('; ');
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  if (from === -1) throw new Error(`docs/guides has no ${JSON.stringify(start)}`);
  const rest = text.slice(from + start.length);
  return rest.slice(0, Math.max(rest.indexOf(end), 0));
}

/** The anchor that GitHub gives a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
