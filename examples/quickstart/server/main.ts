import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './create-app.ts';
import { dataFolder } from './data-folder.ts';

const server = await listen(process.env['PORT']);
const { port } = server.address() as AddressInfo;
const origins = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
server.on('request', await createApp({ dataFolder, origins }));
console.log(
  `\nZKP Auth quickstart: ${origins[0]}\nAccounts are kept in ${dataFolder}. Stop with Ctrl+C.\n` +
    'Somebody’s PIN is locked? npm run unlock -- <user name>' +
    (process.env['DATA_FOLDER'] === undefined ? '' : ', with DATA_FOLDER set as here'),
);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    server.closeAllConnections();
    server.close(() => process.exit(0));
  });
}

/** Listen on the given port, or on the first free port from 3000. */
async function listen(asked: string | undefined): Promise<Server> {
  const ports = asked === undefined ? Array.from({ length: 10 }, (_, i) => 3000 + i) : [Number(asked)];
  for (const candidate of ports) {
    const started = createServer().listen(candidate, '127.0.0.1');
    try {
      await once(started, 'listening');
      return started;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`Port ${ports.join(', ')} is taken: choose another, as in PORT=8080 npm start.`);
}
