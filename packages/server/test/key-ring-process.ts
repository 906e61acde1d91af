import { fork } from 'node:child_process';
import { once } from 'node:events';

/** The place of a store, for another process to open. */
export type StorePlace =
  { file: string } | { sqlite: string } | { postgres: { host: string; user: string; database: string } };

interface Message {
  answer?: unknown;
  error?: string;
}

/** A process of its own with a ring. */
export interface RingProcess {
  /** Make it do one thing. Rejects if that fails, or if the process ends. */
  call<T>(command: string, options?: object): Promise<T>;
  /**
   * Make it repeat one thing for ever. Resolves when it has done so `least` times, with the result of each time.
   * The array continues to grow.
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
