import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

const client = fileURLToPath(new URL('independent-client.mjs', import.meta.url));
const runClient = (...args: string[]) => promisify(execFile)(process.execPath, [client, ...args]);

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.stop());

it('a client written from docs/protocol.md alone registers, signs in and refreshes its session', async () => {
  const run = (userId: string) => runClient(`${server.url}/auth`, server.url, userId);
  const { stdout } = await run('zoë');
  const session = JSON.parse(stdout) as { userId: string; token: string };
  expect(session).toMatchObject({ userId: 'zoë', tokenType: 'Bearer', expiresInMs: 600_000 });
  expect(await server.auth.verifyAccessToken(session.token)).toMatchObject({ userId: 'zoë' });
  await expect(run('zoë')).rejects.toThrow(/409 USER_ID_TAKEN/);
});

it('a client written from docs/protocol.md alone links a second device, which signs in by its own key', async () => {
  const { stdout } = await runClient('--link', `${server.url}/auth`, server.url, 'zoë');
  const { digits, states, session } = JSON.parse(stdout) as {
    digits: [string, string];
    states: string[];
    session: { token: string; credentialId: string };
  };
  expect(digits[0]).toMatch(/^\d{6}$/);
  expect(digits[1]).toBe(digits[0]);
  expect(states).toEqual(['offered', 'revealed', 'approved']);
  expect(await server.auth.verifyAccessToken(session.token)).toMatchObject({ userId: 'zoë' });
  const [first, second] = await server.auth.listCredentials('zoë');
  expect(second).toMatchObject({ credentialId: session.credentialId, addedBy: first?.credentialId });
});

it('a client written from docs/protocol.md alone makes the same messages, digits, codes and kits of the vectors', async () => {
  const vectors = new URL('../../docs/vectors/', import.meta.url);
  const load = (name: string) =>
    JSON.parse(readFileSync(new URL(name, vectors), 'utf8')) as Record<string, Record<string, string>[]>;
  const words = await wordsFile();
  const { messages = [] } = load('message.json');
  const { codes, addresses, runs } = load('link.json');
  const { kits, tokens, typed } = load('recovery.json');
  const pick = (row: Record<string, string>, ...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, row[name]]));
  const { stdout } = await runClient('--vectors', fileURLToPath(vectors), words);
  expect(JSON.parse(stdout)).toEqual({
    messages: messages
      .filter(({ purpose }) => purpose === 'link-device')
      .map((row) => pick(row, 'context', 'message')),
    codes: codes?.map(({ code }) => code),
    addresses: addresses?.map(({ code }) => code ?? null),
    runs: runs?.map((row) => pick(row, 'commitment', 'digits')),
    kits: kits?.map((row) => pick(row, 'words', 'secretKey', 'publicKey', 'credentialId')),
    tokens: tokens?.map((row) => pick(row, 'token', 'tokenHash')),
    typed: typed?.map(({ entropy }) => entropy ?? null),
  });
  expect(messages.filter(({ purpose }) => purpose === 'link-device')).toHaveLength(6);
});

it('a client written from docs/protocol.md alone makes a kit, loses its device, and recovers with the words', async () => {
  const { stdout } = await runClient('--recover', `${server.url}/auth`, server.url, 'zoë', await wordsFile());
  const { waysBack, state, session } = JSON.parse(stdout) as {
    waysBack: unknown;
    state: string;
    session: { token: string; credentialId: string };
  };
  expect([waysBack, state]).toEqual([{ otherDevices: 0, recoveryKit: false }, 'live']);
  const { credentialId } = session;
  expect(await server.auth.verifyAccessToken(session.token)).toMatchObject({ userId: 'zoë', credentialId });
  expect(await server.auth.canLoseThisDevice('zoë')).toMatchObject({ otherDevices: 1, recoveryKit: true });
});

it('a client written from docs/protocol.md alone comes back with a token of the application', async () => {
  await runClient(`${server.url}/auth`, server.url, 'zoë');
  const granted = await server.auth.grantEnrolment('zoë', { expiresInMs: 60_000 });
  const { stdout } = await runClient('--enrol', `${server.url}/auth`, server.url, granted?.token ?? '');
  const session = JSON.parse(stdout) as { token: string };
  expect(await server.auth.verifyAccessToken(session.token)).toMatchObject({ userId: 'zoë' });
  expect(await server.auth.listEnrolments('zoë')).toEqual([]);
});

async function wordsFile(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-words-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const words = join(folder, 'english.txt');
  writeFileSync(words, `${(await englishWords()).join('\n')}\n`);
  return words;
}

/** BIP-39's English list, from the package that the client has it from. */
async function englishWords(): Promise<readonly string[]> {
  const ofClient = createRequire(new URL('../../packages/client/package.json', import.meta.url));
  const list = (await import(ofClient.resolve('@scure/bip39/wordlists/english.js'))) as {
    wordlist: string[];
  };
  return list.wordlist;
}
