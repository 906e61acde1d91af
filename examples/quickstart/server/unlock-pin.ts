// npm run unlock -- <user name> grants three more tries for the locked PINs of a person. It runs beside the server.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openZkpAuth, printable } from '@zkp-auth/server';
import { dataFolder } from './data-folder.ts';
import { logEvent } from './log-event.ts';
import { databaseFile, openStores } from './open-stores.ts';

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || rest.length > 0) {
  fail('Which name? As in: npm run unlock -- alice. A name with spaces goes in quotes.');
} else if (!existsSync(join(dataFolder, databaseFile))) {
  fail(`No accounts are kept in ${dataFolder}. If they are elsewhere, set DATA_FOLDER to that folder.`);
} else {
  await unlock(name.normalize('NFC'));
}

async function unlock(userId: string): Promise<void> {
  // Nobody signs in through this process, so its origin does not matter.
  const origins = ['http://localhost'];
  const stores = await openStores(dataFolder);
  const auth = await openZkpAuth({ origins, stores, onEvent: logEvent, forgetExpiredEveryMs: false });
  const credentials = await auth.listCredentials(userId);
  if (credentials.length === 0) {
    fail(`There is no account named ${printable(userId)}. Nothing was changed.`);
    return;
  }
  let unlocked = 0;
  for (const { credentialId } of credentials) unlocked += await auth.unlockPin(userId, credentialId);
  console.log(
    unlocked === 0
      ? `No PIN of ${printable(userId)} is locked. Nothing was changed.`
      : `Unlocked for ${printable(userId)}: three more tries for ${unlocked === 1 ? 'the PIN that was locked' : `each of ${unlocked} PINs that were locked`}. The PIN itself is as it was.`,
  );
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
