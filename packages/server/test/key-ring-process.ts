import { fork } from 'node:child_process';
import { once } from 'node:events';

/** What another process opens a store with. */
export type StorePlace =
  { file: string } | { sqlite: string } | { postgres: { host: string; user: string; database: string } };

interface Message {
  answer?: unknown;
  error?: string;
}

/** A process of its own with a ring. */
export interface RingProcess {
  /** Have it do one thing. Rejects where that fails, or the process ends. */
  call<T>(command: string, options?: object): Promise<T>;
  /**
   * Have it do one thing for ever. Resolves when it has done it `least` times, with what it said each time; the
   * array goes on growing.
   */
  loop<T>(command: string, options: object, least: number): Promise<readonly T[]>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export async function startRingProcess(place: StorePlace): Promise<RingProcess> {
  const child = fork(new URL('./key-ring-race.mjs', import.meta.url), [JSON.stringify(place)]);
  const exited = once(child, 'exit');
  const nextAnswer = async (): Promise<unknown> => {
    const ended = exited.then(() => [{ error: 'the process has ended' }]);
    const [{ answer, error }] = (await Promise.race([once(child, 'message'), ended])) as [Message];
    if (error !== undefined) throw new Error(error);
    return answer;
  };
  await nextAnswer();
  return {
    async call<T>(command: string, options: object = {}) {
      child.send({ command, options });
      return (await nextAnswer()) as T;
    },
    async loop<T>(command: string, options: object, least: number) {
      const answers: T[] = [];
      child.on('message', ({ answer }: Message) => answers.push(answer as T));
      child.send({ command, options });
      while (answers.length < least) await nextAnswer();
      return answers;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
