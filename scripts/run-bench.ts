// npm run bench prints the ratios that README and docs/architecture.md name.
import { ensureEngines } from './ensure-engines.ts';
import { build, install, main, mustRun } from './run.ts';

main(async () => {
  await install();
  ensureEngines();
  await build();
  await mustRun(process.execPath, ['bench/main.ts', ...process.argv.slice(2)]);
});
