// Finds out which page holds a lock, and whether that page still runs. A frozen page keeps its Web Locks and does not
// answer.

import { openChannel } from '../open-channel.js';

const channelName = 'zkp-auth locks';
/** How long each question waits for an answer, in milliseconds. */
const answerMs = 1_000;
/**
 * After this many questions without an answer the holder seems frozen. The page asks once more before it takes the
 * lock.
 */
const patientQuestions = 5;

type LockMessage = { ask: string } | { held: string };

/** How often this page holds each lock, by id. */
const held = new Map<string, number>();
let answering: BroadcastChannel | undefined;

/**
 * Announce that this page holds a lock now, and answer for it until the lock is released or taken over.
 *
 * @returns a function that ends the answering.
 */
export function announceHeld(id: string): () => void {
  held.set(id, (held.get(id) ?? 0) + 1);
  answering ??= openAnswering();
  // A page may have asked before this page held the lock. It must not count the earlier silence against this page.
  answering?.postMessage({ held: id } satisfies LockMessage);
  return () => {
    const left = (held.get(id) ?? 1) - 1;
    if (left > 0) held.set(id, left);
    else held.delete(id);
    if (held.size > 0) return;
    answering?.close();
    answering = undefined;
  };
}

/**
 * Call `onSilence` once the holder of a lock has left {@link patientQuestions} questions in a row unanswered. If pages
 * cannot talk to each other, no page counts as frozen.
 *
 * @returns a function that ends the watching.
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
      else if (alive) pause(answerMs);
      else next();
    });
  };
  const pause = (ms: number): void => {
    const timer = setTimeout(next, ms);
    end = () => clearTimeout(timer);
  };
  // Most turns come within a second, so no question is asked before that. The random part makes waiting pages ask at
  // different times.
  pause(answerMs * (1 + Math.random()));
  return () => {
    ended = true;
    end();
  };
}

/** Whether a page answers now for a lock that it holds. If pages cannot talk to each other, the answer is yes. */
export function holderAnswers(id: string): Promise<boolean> {
  return ask(id).answer;
}

/** Ask for the holder of a lock, and wait a second for its answer. */
function ask(id: string): { answer: Promise<boolean>; stop: () => void } {
  const channel = held.has(id) ? undefined : openChannel(channelName);
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
  const channel = openChannel(channelName);
  if (channel === undefined) return undefined;
  channel.onmessage = ({ data }: MessageEvent<LockMessage>) => {
    if ('ask' in data && held.has(data.ask)) channel.postMessage({ held: data.ask } satisfies LockMessage);
  };
  return channel;
}
