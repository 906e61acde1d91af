import { expect } from 'vitest';
import { newUser } from './app-page.ts';
import { test } from './engine-test.ts';

test('client.fetch rejects with the reason of its signal, from init and from a Request', async ({
  newPage,
  wire,
}) => {
  const app = await newPage();
  await app.registerAndEnter(newUser('impatient'));
  await app.page.goto(`${wire.url}/lab/`);
  const held = wire.hold('GET /api/profile');
  const outcomes = await app.page.evaluate(async () => {
    while (!('lab' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 50));
    const reason = new Error('the page went elsewhere');
    const nameOf = async (response: Promise<Response>): Promise<string> => {
      const error: unknown = await response.catch((thrown: unknown) => thrown);
      return error === reason ? 'the reason' : (error as Error).name;
    };
    const later = (): AbortSignal => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 300);
      return controller.signal;
    };
    const { client } = globalThis.lab;
    return {
      'in init, while it waits': await nameOf(client.fetch('/api/profile', { signal: later() })),
      'in a Request, while it waits': await nameOf(
        client.fetch(new Request('/api/profile', { signal: later() })),
      ),
      'before it is sent': await nameOf(client.fetch('/api/profile', { signal: AbortSignal.abort(reason) })),
      'of a timeout': await nameOf(client.fetch('/api/profile', { signal: AbortSignal.timeout(300) })),
    };
  });
  held.lose();
  expect(outcomes).toEqual({
    'in init, while it waits': 'the reason',
    'in a Request, while it waits': 'the reason',
    'before it is sent': 'the reason',
    'of a timeout': 'TimeoutError',
  });
});
