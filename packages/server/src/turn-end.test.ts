import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { turnEnd } from './turn-end.js';

describe('the end of a turn', () => {
  it('is one promise for all requests of the turn, so that they take each step together', async () => {
    const steps: string[] = [];
    const request = async (name: string): Promise<void> => {
      await turnEnd();
      for (const step of ['looked up', 'answered']) {
        steps.push(`${name} ${step}`);
        await Promise.resolve();
      }
    };
    const requests = [request('first'), request('second')];
    await Promise.resolve();
    expect(steps).toEqual([]);
    await Promise.all(requests);
    expect(steps).toEqual(['first looked up', 'second looked up', 'first answered', 'second answered']);
  });

  it('comes anew in each turn, also for a request that arrives while the last one ends', async () => {
    const first = turnEnd();
    const second = first.then(() => turnEnd());
    expect(turnEnd()).toBe(first);
    await first;
    expect(turnEnd()).not.toBe(first);
    await second;
    await setImmediate();
    await turnEnd();
  });
});
