import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { LoginLoad } from './login-load.ts';
import { median, type Ratio } from './ratio.ts';

const rounds = 41;
const roundMs = 250;

interface Contender {
  load: LoginLoad;
  process: ChildProcess;
  perSecond: number[];
}

/** Complete logins per second of the product against the crypto floor, each in a process of its own. */
export async function benchLogins(): Promise<Ratio[]> {
  const [product, sync, async, bare] = await Promise.all([
    start('product.ts'),
    start('floor.ts', 'sync'),
    start('floor.ts', 'async'),
    start('floor.ts', 'bare'),
  ]);
  const contenders = [product, sync, async, bare];
  for (const { load } of contenders) await load.loginsPerSecond(1_500);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const { load, perSecond } of order) perSecond.push(await load.loginsPerSecond(roundMs));
  }
  for (const { load, process } of contenders) {
    await load.close();
    process.kill();
  }
  const floor = median(sync.perSecond) > median(async.perSecond) ? sync : async;
  const against = (other: Contender): number =>
    median(product.perSecond.map((value, round) => value / (other.perSecond[round] as number)));
  const rate = (contender: Contender): string => median(contender.perSecond).toFixed(0);
  return [
    {
      name: 'complete logins per second / crypto floor (memory stores, tokens, PIN assistance)',
      value: against(floor),
      atLeast: 0.8,
      note: `${rate(product)}/s against ${rate(floor)}/s (${floor === sync ? 'sync' : 'async'} floor)`,
    },
    {
      name: 'complete logins per second / bare Express',
      value: against(bare),
      note: `bare: ${rate(bare)}/s`,
    },
  ];
}

async function start(file: string, ...args: string[]): Promise<Contender> {
  const child = fork(new URL(`servers/${file}`, import.meta.url), args);
  const [port] = (await once(child, 'message')) as [number];
  const load = new LoginLoad(port);
  await load.register();
  return { load, process: child, perSecond: [] };
}
