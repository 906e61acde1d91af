import { clientVersion } from '../../packages/client/dist/worker/vault-messages.js';

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

/** Milliseconds that the worker needs to blind a PIN and finalize the server's answer, and for a bare Argon2id. */
async function measureAssistance(pairs: number): Promise<{ assistance: number; bare: number }[]> {
  const times = [];
  await ask({ assistance: true });
  await ask({ bare: true });
  for (let pair = 0; pair < pairs; pair++) {
    times.push({
      assistance: await time(() => ask({ assistance: true })),
      bare: await time(() => ask({ bare: true })),
    });
  }
  return times;
}

/** Milliseconds of an unlock, from message to answer without the proof, and of a bare Argon2id, in pairs. */
async function measure(pairs: number): Promise<{ unlock: number; bare: number }[]> {
  const name = { userId: 'alice', audience: location.origin };
  const secret = { kind: 'pin', pin: '482913', assisted: false };
  await call('configure', undefined, clientVersion);
  const { credentialId } = await call<{ credentialId: string }>('generateAndStore', name, secret, 'prove');
  const unlock = () => call('unlock', name, credentialId, secret, 'prove');
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
  var measurePinAssistance: typeof measureAssistance;
}
globalThis.measurePinAssistance = measureAssistance;
globalThis.measureUnlock = measure;
