import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { documentedCode } from './documented-code.js';

/** A server in a process of its own, whose database is set up by the code in docs/guides/postgres-and-redis.md. */
export interface DocumentedServer {
  child: ChildProcess;
  /** Make it ask its database this many times at once. Gives `ok`, or the code of the error, for each. */
  ask(times: number): Promise<string[]>;
  /** Make it begin a slow query, and a transaction that continues after a while. */
  holdConnections(): Promise<void>;
  /** The errors that ended these. */
  held(): Promise<string[]>;
  /** The text that it has written to its console. */
  console(): string;
  kill(): Promise<void>;
}

const room = fileURLToPath(new URL('..', import.meta.url));

const before = 'const { connectionString } = process.env;\n';
const after = `
const { createZkpAuth, generateSigningKeys, InMemoryChallengeStore } = await import('@zkp-auth/server');
const { SqlCredentialStore, SqlSessionStore } = await import('@zkp-auth/server/sql');
const { sql } = await import('kysely');
const auth = createZkpAuth({
  origins: ['https://app.example'],
  stores: {
    challenges: new InMemoryChallengeStore(),
    credentials: new SqlCredentialStore(db),
    sessions: new SqlSessionStore(db),
  },
  keys: await generateSigningKeys(),
  pinAssistance: false,
});
const outcomeOf = (call) => call.then(() => 'ok', (error) => error.code ?? error.message);
let holding = [];
process.on('message', async ({ times, held }) => {
  if (times !== undefined) {
    const asked = Array.from({ length: times }, () => outcomeOf(auth.listSessions('alice')));
    process.send(await Promise.all(asked));
  } else if (held === true) process.send(await Promise.all(holding));
  else {
    const began = Promise.withResolvers();
    const slow = sql\`select pg_sleep(60)\`.execute(db);
    const transaction = db.transaction().execute(async (open) => {
      await sql\`select 1\`.execute(open);
      began.resolve();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await sql\`select 2\`.execute(open);
    });
    holding = [slow, transaction].map(outcomeOf);
    await began.promise;
    process.send([]);
  }
});
process.send([]);
`;

export async function startDocumentedServer(connectionString: string): Promise<DocumentedServer> {
  const program = before + documentedCode('postgres-and-redis', 'PostgreSQL') + after;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    cwd: room,
    env: { ...process.env, connectionString },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let written = '';
  child.stderr?.on('data', (chunk: Buffer) => void (written += chunk.toString()));
  const exited = once(child, 'exit');
  const answer = async (): Promise<string[]> => {
    const [first] = (await Promise.race([once(child, 'message'), exited])) as [string[] | number | null];
    if (Array.isArray(first)) return first;
    throw new Error(`the server has ended: ${written}`);
  };
  const call = (request: object): Promise<string[]> => {
    const answered = answer();
    // A server that has ended takes no message. `answer` reports that.
    child.send(request, () => undefined);
    return answered;
  };
  await answer();
  return {
    child,
    ask: (times) => call({ times }),
    async holdConnections() {
      await call({});
    },
    held: () => call({ held: true }),
    console: () => written,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
