const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
let lastId = 0;

function ask(message: object): Promise<unknown> {
  return new Promise((resolve) => {
    worker.onmessage = (event: MessageEvent<unknown>) => resolve(event.data);
    worker.postMessage(message);
  });
}

async function call<T>(method: string, ...args: unknown[]): Promise<T> {
  const answer = (await ask({ id: ++lastId, method, args })) as { result?: T; error?: unknown };
  if ('error' in answer) throw new Error(JSON.stringify(answer.error));
  return answer.result as T;
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** Milliseconds of an unlock, message to answer without the proof, and of a bare Argon2id, in pairs. */
async function measure(pairs: number): Promise<{ unlock: number; bare: number }[]> {
  const name = { userId: 'alice', audience: location.origin };
  const { credentialId } = await call<{ credentialId: string }>('generateAndStore', name, '482913');
  const unlock = () => call('unlock', name, credentialId, '482913');
  const bare = () => ask({ bare: true });
  await unlock();
  await bare();
  const times = [];
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) times.push({ unlock: await time(unlock), bare: await time(bare) });
    else {
      const first = await time(bare);
      times.push({ unlock: await time(unlock), bare: first });
    }
  }
  return times;
}

declare global {
  var measureUnlock: typeof measure;
}
globalThis.measureUnlock = measure;
