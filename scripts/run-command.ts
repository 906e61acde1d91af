// npm run dev -- COMMAND runs a command with the repository's Node.js and pnpm in the PATH.
import { run } from './run.ts';

const [command = 'pnpm', ...args] = process.argv.slice(2);
process.exitCode = await run(command, args);
