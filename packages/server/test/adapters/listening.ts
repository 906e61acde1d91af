import { once } from 'node:events';
import type { Server } from 'node:http';

/** Make a server listen on a port of the loopback interface. Gives a function that closes it. */
export async function listening(server: Server, port: number): Promise<() => Promise<void>> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
}
