import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type ErrorCode, type SessionResponse, ZkpAuthError } from '@zkp-auth/core';
import type { AuthEvent } from '../src/index.js';
import { audience, origin } from './test-client.js';
import type { TestAuth, TestFacts } from './test-auth.js';

/** The stores and keys that a server process opens. */
export interface ServerPlace {
  sqlite?: string;
  postgres?: { host: string; user: string; database: string; options?: string };
  /** The socket of Redis, if sessions are kept in Redis. */
  redisPath?: string;
  keyFile: string;
}

/** A server in a process of its own. */
export interface SessionProcess {
  /** Its operations, for calls by this process. */
  auth: TestAuth;
  /** How far its clock is ahead. */
  laterMs: number;
  /** In order. */
  events: AuthEvent[];
  /** Make it run these refreshes at once. Gives the answer of each, or its code. */
  refreshAtOnce(
    requests: readonly { body: unknown; facts: TestFacts }[],
  ): Promise<(SessionResponse | ErrorCode)[]>;
  /** Kill it by SIGKILL. Calls without an answer reject. */
  kill(): Promise<void>;
}

interface Outcome {
  answer?: unknown;
  code?: ErrorCode;
  headers: [name: string, value: string][];
}

export async function startSessionProcess(place: ServerPlace): Promise<SessionProcess> {
  const settings = JSON.stringify({ ...place, origin, audience });
  const child = fork(new URL('./session-process.mjs', import.meta.url), [settings]);
  const pending = new Map<number, PromiseWithResolvers<Outcome[]>>();
  const exited = once(child, 'exit').then(() => {
    for (const { reject } of pending.values()) reject(new Error('the process is gone'));
  });
  await Promise.race([once(child, 'message'), exited]);
  let calls = 0;
  const ask = (requests: { method: string; args: unknown[] }[]): Promise<Outcome[]> => {
    const asked = Promise.withResolvers<Outcome[]>();
    pending.set(++calls, asked);
    // A killed process may be gone before its `exit` event comes.
    child.send({ id: calls, calls: requests, laterMs: server.laterMs }, (error) => {
      if (error !== null) asked.reject(error);
    });
    return asked.promise;
  };
  const one = async (method: string, args: unknown[]): Promise<unknown> => {
    const [{ answer, code, headers }] = (await ask([{ method, args }])) as [Outcome];
    const facts = args[1] as TestFacts | undefined;
    for (const header of headers) facts?.setHeader?.(...header);
    if (code !== undefined) throw new ZkpAuthError(code);
    return answer;
  };
  const server: SessionProcess = {
    auth: methodsOf((method) =>
      method === 'calls'
        ? methodsOf(
            (name) =>
              (...args: unknown[]) =>
                one(`calls.${name}`, args),
          )
        : (...args: unknown[]) => one(method, args),
    ) as TestAuth,
    laterMs: 0,
    events: [],
    async refreshAtOnce(requests) {
      const outcomes = await ask(
        requests.map(({ body, facts }) => ({ method: 'calls.refresh', args: [body, facts] })),
      );
      return outcomes.map(({ answer, code }) => code ?? (answer as SessionResponse));
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
  child.on('message', ({ event, id, outcomes }: { event?: AuthEvent; id: number; outcomes: Outcome[] }) => {
    if (event !== undefined) server.events.push(event);
    else pending.get(id)?.resolve(outcomes);
    pending.delete(id);
  });
  return server;
}

/** An object that makes each of its members by `member`, from the name. */
function methodsOf(member: (name: string) => unknown): object {
  return new Proxy({}, { get: (_, name: string) => member(name) });
}
