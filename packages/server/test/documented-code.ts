import { readFileSync } from 'node:fs';

/** The first code of a page of docs/guides, or of a section of it. */
export function documentedCode(page: string, section?: string, language: 'ts' | 'js' = 'ts'): string {
  const text = readFileSync(new URL(`../../../docs/guides/${page}.md`, import.meta.url), 'utf8');
  const heading = section === undefined ? '# .*' : `## ${section}`;
  const [, code] = new RegExp(`^${heading}\\n[^]*?^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(text) ?? [];
  if (code === undefined) throw new Error(`docs/guides/${page}.md has no ${language} under ${heading}`);
  return code;
}
