import { readFileSync } from 'node:fs';

/** The first code of a section of docs/operations.md. */
export function documentedCode(section: string): string {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const [, code] = new RegExp(`^### ${section}\\n[^]*?^\`\`\`ts\\n([^]*?)^\`\`\``, 'm').exec(page) ?? [];
  if (code === undefined) throw new Error(`docs/operations.md has no code under ${section}`);
  return code;
}
