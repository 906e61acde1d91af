// Which page holds a lock, and whether it still runs: a frozen page keeps its Web Locks and does not answer.

const channelName = 'zkp-auth locks';
/** How long each question waits for an answer, in milliseconds. */
const answerMs = 1_000;
/** After so many questions without an answer the holder is taken for frozen. */
const patientQuestions = 5;

type LockMessage = { ask: string } | { held: string };

/** How often this page holds each lock; by id, because one that was taken over may be held a second time. */
const held = new Map<string, number>();
let answering: BroadcastChannel | undefined;

/** Run the work of a lock that this page holds, and answer meanwhile for being alive. */
export async function announceHeld<T>(id: string, run: () => Promise<T>): Promise<T> {
  held.set(id, (held.get(id) ?? 0) + 1);
  answering ??= openAnswering();
  try {
    return await run();
  } finally {
    const left = (held.get(id) ?? 1) - 1;
    if (left > 0) held.set(id, left);
    else held.delete(id);
    if (held.size === 0) {
      answering?.close();
      answering = undefined;
    }
  }
}

/**
 * Call `onSilence` once the holder of a lock has left {@link patientQuestions} questions in a row unanswered. If pages
 * cannot talk to each other, nobody is ever taken for frozen.
 *
 * @returns what ends the watching.
 */
export function whenHolderIsSilent(id: string, onSilence: () => void): () => void {
  let silent = 0;
  let ended = false;
  let end = (): void => undefined;
  const next = (): void => {
    if (ended) return;
    const { answer, stop } = ask(id);
    end = stop;
    void answer.then((alive) => {
      if (ended) return;
      silent = alive ? 0 : silent + 1;
      if (silent === patientQuestions) onSilence();
      else if (alive) pause();
      else next();
    });
  };
  const pause = (): void => {
    const timer = setTimeout(next, answerMs);
    end = () => clearTimeout(timer);
  };
  // Most turns come within a second: nobody is asked before.
  pause();
  return () => {
    ended = true;
    end();
  };
}

/** Ask for the holder of a lock, and wait a second for its answer. */
export async function isHolderAlive(id: string): Promise<boolean> {
  return ask(id).answer;
}

function ask(id: string): { answer: Promise<boolean>; stop: () => void } {
  const channel = held.has(id) ? undefined : openChannel();
  if (channel === undefined) return { answer: Promise.resolve(true), stop: () => undefined };
  let settle: (alive: boolean) => void = () => undefined;
  const timer = setTimeout(() => settle(false), answerMs);
  const answer = new Promise<boolean>((resolve) => {
    settle = (alive) => {
      clearTimeout(timer);
      channel.close();
      resolve(alive);
    };
  });
  channel.onmessage = ({ data }: MessageEvent<LockMessage>) => {
    if ('held' in data && data.held === id) settle(true);
  };
  channel.postMessage({ ask: id } satisfies LockMessage);
  return { answer, stop: () => settle(true) };
}

function openAnswering(): BroadcastChannel | undefined {
  const channel = openChannel();
  if (channel === undefined) return undefined;
  channel.onmessage = ({ data }: MessageEvent<LockMessage>) => {
    if ('ask' in data && held.has(data.ask)) channel.postMessage({ held: data.ask } satisfies LockMessage);
  };
  return channel;
}

function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(channelName);
  } catch {
    return undefined;
  }
}
