// npm run bench prints the ratios of one run, with the bound that the project promises beside each.
import { benchLogins } from './logins.ts';
import { holds, print, type Ratio } from './ratio.ts';
import { benchRequireAuth } from './require-auth.ts';
import { benchSizes } from './sizes.ts';
import { benchUnlock } from './unlock.ts';
import { benchVerify } from './verify.ts';

const wanted = process.argv.slice(2);
const benches: Record<string, () => Ratio[] | Promise<Ratio[]>> = {
  verify: benchVerify,
  logins: benchLogins,
  'require-auth': benchRequireAuth,
  unlock: benchUnlock,
  sizes: benchSizes,
};
let missed = false;
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const ratios = await bench();
  print(ratios);
  missed ||= !ratios.every(holds);
}
process.exitCode = missed ? 1 : 0;
