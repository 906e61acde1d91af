// npm run dev -- COMMAND: run anything with the repository's Node.js and pnpm in the PATH.
import { run } from './run.ts';

const [command = 'pnpm', ...args] = process.argv.slice(2);
process.exitCode = await run(command, args);
