import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the test in docs/guides/testing.md passes as it stands there', async () => {
  const page = readFileSync(new URL('../../docs/guides/testing.md', import.meta.url), 'utf8');
  const [, code = ''] = /^```ts\n([^]*?)^```/m.exec(page) ?? [];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--test-reporter=tap', '--input-type=module-typescript', '--eval', code],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), timeout: 30_000 },
  );
  expect(stdout).toMatch(/^# pass 1$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
