import { expect, it } from 'vitest';
import { unlessAborted } from './unless-aborted.js';

const reason = new Error('never mind');

it('an abort is its reason at once, and leaves the work to itself', async () => {
  const controller = new AbortController();
  const outcome = unlessAborted(controller.signal, new Promise(() => undefined));
  controller.abort(reason);
  await expect(outcome).rejects.toBe(reason);
  await expect(unlessAborted(controller.signal, Promise.resolve(1))).rejects.toBe(reason);
});

it('an abort is its reason, although the platform rejects with its own error before the event', async () => {
  // A browser runs pending promise reactions between two listeners.
  const late = Object.assign(new AbortController().signal, { addEventListener: () => undefined });
  const rejected = async (): Promise<never> => {
    await Promise.resolve();
    Object.defineProperties(late, { aborted: { value: true }, reason: { value: reason } });
    late.throwIfAborted = () => {
      throw reason;
    };
    throw new DOMException('Fetch is aborted', 'AbortError');
  };
  await expect(unlessAborted(late, rejected())).rejects.toBe(reason);
});

it('what the work ends with is the outcome without an abort', async () => {
  const { signal } = new AbortController();
  const error = new DOMException('not of this signal', 'AbortError');
  await expect(unlessAborted(signal, Promise.reject(error))).rejects.toBe(error);
  expect(await unlessAborted(signal, Promise.resolve(1))).toBe(1);
});
