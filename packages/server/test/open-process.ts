import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ZkpAuth } from '../src/index.js';
import type { TestCalls } from './test-auth.js';

/** The options of `openZkpAuth` as JSON, or a database and a Redis for them. */
export interface OpenProcessOptions {
  origins: readonly string[];
  folder?: string;
  postgres?: { host: string; user: string; database: string };
  redisPath?: string;
  masterKey?: string;
  [option: string]: unknown;
}

/** A process of its own with a server of `openZkpAuth`. */
export interface OpenProcess {
  auth: Pick<ZkpAuth, 'listCredentials'> & {
    calls: Pick<TestCalls, 'challenge' | 'register' | 'verify'>;
  };
  /** The ids of the ring's keys, as the process found or made them at its start. */
  kids: string[];
  kill(): Promise<void>;
}

interface Message {
  id: string;
  answer?: unknown;
  code?: string;
}

export async function startOpenProcess(options: OpenProcessOptions): Promise<OpenProcess> {
  const child = fork(new URL('./open-zkp-auth.mjs', import.meta.url), [JSON.stringify(options)]);
  const exited = once(child, 'exit');
  const kids = (await answerOf(child, 'ready', exited)) as string[];
  let calls = 0;
  const call =
    <Answer>(method: string) =>
    async (...args: unknown[]): Promise<Answer> => {
      const id = `${calls++}`;
      const answer = answerOf(child, id, exited);
      child.send({ id, method, args });
      return (await answer) as Answer;
    };
  return {
    kids,
    auth: {
      calls: { challenge: call('challenge'), register: call('register'), verify: call('verify') },
      listCredentials: call('listCredentials'),
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function answerOf(child: ChildProcess, id: string, exited: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    void exited.then(() => reject(new Error('the process has ended')));
    const listen = (message: Message): void => {
      if (message.id !== id) return;
      child.off('message', listen);
      if (message.code === undefined) resolve(message.answer);
      else reject(Object.assign(new Error(message.code), { code: message.code }));
    };
    child.on('message', listen);
  });
}
