import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('importing the package and making a client in a server render touches no browser global', async () => {
  const script = `
    const touched = [];
    for (const name of ['window', 'document', 'location', 'localStorage', 'sessionStorage', 'indexedDB', 'Worker', 'navigator']) {
      Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); return undefined; } });
    }
    const { ZkpAuthClient } = await import('@zkp-auth/client');
    const client = new ZkpAuthClient({ baseUrl: '/auth' });
    client.getSnapshot();
    client.subscribe(() => {})();
    console.log(JSON.stringify(touched));
  `;
  for (const conditions of [[], ['--conditions=browser']]) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...conditions, '--input-type=module', '-e', script],
      {
        cwd: new URL('..', import.meta.url),
      },
    );
    expect(JSON.parse(stdout)).toEqual([]);
  }
});
