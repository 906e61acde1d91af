// Outside of the one helper there is no equality operator on bytes, on an element of them, or on text made from
// them.
import { relative } from 'node:path';
import ts from 'typescript-api';
import { findByteEquality } from './byte-equality.ts';
import { root } from './run.ts';

const helper = 'packages/core/src/constant-time-equal.ts';
const projects = ['packages/core', 'packages/client', 'packages/server'];

const findings = projects.flatMap((project) => {
  const path = `${root}${project}/tsconfig.build.json`;
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: unknown };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, `${root}${project}`);
  const program = ts.createProgram(fileNames, { ...options, noEmit: true });
  return findByteEquality(program, (file) => relative(root, file) === helper);
});
for (const { file, line, text } of findings) {
  console.error(
    `${relative(root, file)}:${line}: compare bytes with constantTimeEqual: ${text.split('\n')[0]}`,
  );
}
process.exitCode = findings.length > 0 ? 1 : 0;
