// docs/errors.md names every code, with its HTTP status, and no other.
import { readFileSync } from 'node:fs';
import { errorStatus } from '../packages/core/dist/index.node.js';
import { root } from './run.ts';

const docs = readFileSync(`${root}docs/errors.md`, 'utf8');
const documented = new Map(
  [...docs.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}|-) /gm)].map((row) => [row[1], row[2]]),
);
const problems: string[] = [];
for (const [code, status] of Object.entries(errorStatus)) {
  const written = documented.get(code);
  if (written === undefined) problems.push(`docs/errors.md does not explain ${code}`);
  else if (written !== String(status ?? '-'))
    problems.push(`docs/errors.md: ${code} has status ${status ?? '-'}, not ${written}`);
  documented.delete(code);
}
for (const code of documented.keys()) problems.push(`docs/errors.md explains ${code}, which there is not`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
