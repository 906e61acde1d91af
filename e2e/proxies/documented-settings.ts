import { readFileSync } from 'node:fs';

export type ProxyName = 'nginx' | 'apache' | 'haproxy' | 'caddy';

/**
 * The settings that docs/guides/proxies.md gives for a proxy. They are a whole site, and the part that strips `/api`.
 */
export interface DocumentedSettings {
  site: string;
  stripping: string;
}

const page = readFileSync(new URL('../../docs/guides/proxies.md', import.meta.url), 'utf8');

export function documentedSettings(proxy: ProxyName): DocumentedSettings {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${proxy}\\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, text]) => text,
  );
  const [site, stripping] = blocks;
  if (blocks.length !== 2 || site === undefined || stripping === undefined) {
    throw new Error(`docs/guides/proxies.md has ${blocks.length} settings for ${proxy}, not 2`);
  }
  return { site, stripping };
}

/** The same text with one part replaced. The text must contain the part exactly once. */
export function replaceOnce(text: string, part: string | RegExp, by: string): string {
  const parts = text.split(part);
  if (parts.length !== 2) throw new Error(`${String(part)} is there ${parts.length - 1} times in:\n${text}`);
  return parts.join(by);
}
