// npm start installs, builds, and runs the quickstart.
import { build, install, main, mustRun } from './run.ts';

main(async () => {
  await install();
  await build('@zkp-auth/example-quickstart');
  await mustRun(process.execPath, ['examples/quickstart/server/main.ts']);
});
