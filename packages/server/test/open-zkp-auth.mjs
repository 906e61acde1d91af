// A process that tests start, with a server of openZkpAuth. Its parent calls the functions of the server.
import { openZkpAuth } from '@zkp-auth/server';
import { openPostgresStores } from '@zkp-auth/server/sql';
import { Redis } from 'ioredis';
import { Pool } from 'pg';

const { postgres, redisPath, ...options } = JSON.parse(process.argv[2]);
const shared =
  postgres === undefined
    ? {}
    : { stores: await openPostgresStores(new Pool(postgres)), redis: new Redis({ path: redisPath }) };
const auth = await openZkpAuth({ ...options, ...shared });

process.on('message', ({ id, method, args }) => {
  const call = auth.routes[method] ?? auth[method];
  Promise.resolve(call(...args)).then(
    (answer) => process.send({ id, answer: answer.body ?? answer }),
    (error) => process.send({ id, code: error.code ?? String(error) }),
  );
});
process.send({ id: 'ready', answer: auth.jwks().keys.map(({ kid }) => kid) });
