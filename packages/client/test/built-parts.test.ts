import { ZkpAuthError } from '@zkp-auth/core';
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { managementFrom } from '../dist/management-part.js';
import * as onDemand from '../dist/on-demand.js';
import { MemoryKeyStorage, ZkpAuthClient } from '../dist/index.js';
import { namesFrom } from '../scripts/hand-over.ts';
import * as management from '../src/management.js';
import { AuthServer } from './auth-server.ts';

vi.mock('hash-wasm', () => import('./argon2-of-form.js'));

// The published files of the two parts of the client. The second part gets its shared modules handed over.

it('the published second part imports nothing, and has all operations', () => {
  const code = readFileSync(new URL('../dist/management-part.js', import.meta.url), 'utf8');
  expect(namesFrom(code)).toEqual([]);
  expect(Object.keys(managementFrom(onDemand)).sort()).toEqual(Object.keys(management).sort());
});

it('the published second part asks the first part only for names that it has', () => {
  const asked: string[] = [];
  const recorded = new Proxy(onDemand, {
    get: (target, name) => {
      asked.push(String(name));
      return Reflect.get(target, name) as unknown;
    },
  });
  managementFrom(recorded);
  expect(asked).toEqual(expect.arrayContaining(['Ceremony', 'ZkpAuthError', 'provideMessages']));
  expect(asked.filter((name) => !(name in onDemand))).toEqual([]);
});

it('the published client registers, signs in, changes its PIN and exports its key, with errors of one class', async () => {
  const { origin } = new AuthServer();
  const storage = new MemoryKeyStorage({ argon2: { m: 19_456, t: 2, p: 1 } });
  const client = new ZkpAuthClient({ baseUrl: `${origin}/auth`, origin, storage });
  const { credentialId } = await client.register('alice', '482913');
  await client.changePin('alice', '482913', '719342');
  await expect(client.login('alice', '719342')).resolves.toMatchObject({ credentialId });
  const failure: unknown = await client.importKeyBlob('no key', '719342').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ZkpAuthError);
  expect(failure).toMatchObject({ code: 'INVALID_KEY_BLOB', message: 'This is not a readable key file.' });
  const blob = await client.exportKeyBlob('alice', '719342');
  await client.removeLocalKey('alice');
  await expect(client.importKeyBlob(blob, '719342')).resolves.toMatchObject({ credentialId });
  client.close();
});
