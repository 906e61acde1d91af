// The shared specs in some browsers only. `npm run test:engines -- firefox webkit kills` runs the specs whose name
// contains "kills" in two browsers. Without a browser's name it runs all three.
import { browserVariables, ensureEngines } from './ensure-engines.ts';
import { engineNames, engineSuite } from './engine-suite.ts';
import { build, main, run } from './run.ts';

main(async () => {
  ensureEngines(browserVariables);
  await build();
  const args = process.argv.slice(2);
  const named = engineNames.filter((name) => args.includes(name));
  const filters = args.filter((arg) => !engineNames.some((name) => name === arg));
  for (const engine of named.length === 0 ? engineNames : named) {
    const suite = engineSuite(engine, filters);
    const code = await run(suite.command, suite.args, { env: { ...process.env, ...suite.env } });
    if (code !== 0) process.exitCode = code;
  }
});
