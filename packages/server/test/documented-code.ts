import { readFileSync } from 'node:fs';

/** The first code of a section of docs/operations.md. */
export function documentedCode(section: string, language: 'ts' | 'js' = 'ts'): string {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const [, code] =
    new RegExp(`^### ${section}\\n[^]*?^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(page) ?? [];
  if (code === undefined) throw new Error(`docs/operations.md has no ${language} under ${section}`);
  return code;
}
