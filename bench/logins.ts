import { median, type Ratio } from './ratio.ts';
import { type StartedServer, startServer } from './start-server.ts';

const rounds = 41;
const roundMs = 250;

interface Contender extends StartedServer {
  perSecond: number[];
}

/** Complete logins per second of the product against the crypto floor, each in a process of its own. */
export async function benchLogins(): Promise<Ratio[]> {
  const memory = await compare('product.ts', ['memory'], false);
  const sqlite = await compare('product.ts', ['sqlite'], false);
  const bound = await compare('product.ts', ['sqlite', 'bound'], true);
  return [
    {
      ...memory.ratio,
      name: 'complete logins per second / crypto floor (memory stores, tokens, PIN assistance)',
      atLeast: 0.8,
    },
    { name: 'complete logins per second / bare Express', ...memory.bare },
    {
      ...sqlite.ratio,
      name: 'complete logins per second / crypto floor (sessions on SQLite)',
      atLeast: 0.7,
    },
    {
      ...bound.ratio,
      name: 'complete logins per second / crypto floor (sessions on SQLite, bound by DPoP)',
      atLeast: 0.7,
    },
  ];
}

async function compare(
  file: string,
  args: string[],
  bound: boolean,
): Promise<{ ratio: Omit<Ratio, 'name'>; bare: Omit<Ratio, 'name'> }> {
  const [product, sync, async, bare] = await Promise.all([
    start(file, args, bound),
    start('floor.ts', ['sync'], bound),
    start('floor.ts', ['async'], bound),
    start('floor.ts', ['bare'], bound),
  ]);
  const contenders = [product, sync, async, bare];
  for (const { load } of contenders) await load.loginsPerSecond(1_500);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const { load, perSecond } of order) perSecond.push(await load.loginsPerSecond(roundMs));
  }
  for (const { load, process } of contenders) {
    await load.close();
    process.disconnect();
  }
  const floor = median(sync.perSecond) > median(async.perSecond) ? sync : async;
  const against = (other: Contender): number =>
    median(product.perSecond.map((value, round) => value / (other.perSecond[round] as number)));
  const rate = (contender: Contender): string => median(contender.perSecond).toFixed(0);
  return {
    ratio: {
      value: against(floor),
      note: `${rate(product)}/s against ${rate(floor)}/s (${floor === sync ? 'sync' : 'async'} floor)`,
    },
    bare: { value: against(bare), note: `bare: ${rate(bare)}/s` },
  };
}

async function start(file: string, args: string[], bound: boolean): Promise<Contender> {
  const started = await startServer(new URL(`servers/${file}`, import.meta.url), args, bound);
  return { ...started, perSecond: [] };
}
