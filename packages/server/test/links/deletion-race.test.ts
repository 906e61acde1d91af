import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EveryStore, startEveryStore, storeNames } from '../every-store.js';
import type { NewDevice, Opener } from '../link-client.js';
import { newPin, pin, revealedLink, startLinkServer } from '../link-server.js';
import { bytesOf, registerWithPin } from '../pin-client.js';
import { encodingsOf, storedContent } from '../stored-content.js';

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

/** How many turns of the event loop the later call waits. An odd number lets the deletion begin first. */
const delays = [0, 1, 2, 3, 5, 8];

/** The outcomes of an approval, by the step of the deletion that came before it. */
const approvals = [
  'done',
  'UNAUTHENTICATED',
  'SESSION_ENDED',
  'LINK_NOT_FOUND',
  'LINK_STATE_CHANGED',
  'PROOF_REJECTED',
];

const afterTurns = async <T>(turns: number, call: () => Promise<T>): Promise<T> => {
  for (let n = 0; n < turns; n++) await nextTurn();
  return call();
};

describe.each(storeNames)('a deletion of the user, on %s, leaves nothing of', (name) => {
  const start = async () => {
    const opened = await every.open(name);
    const server = await startLinkServer(opened);
    const other = await server.start();
    const found = async (values: readonly (string | Uint8Array)[]) => {
      const content = await storedContent(opened);
      return content.filter((place) =>
        values.some((value) => encodingsOf(value).some((text) => place.includes(text))),
      );
    };
    /** The call's outcome, `done` or the code of its refusal, and a deletion that succeeds. */
    const race = async (userId: string, { turns, call }: { turns: number; call: () => Promise<unknown> }) => {
      const isLater = turns % 2 === 1;
      const [outcome, deleted] = await Promise.allSettled([
        afterTurns(isLater ? turns : 0, call),
        afterTurns(isLater ? 0 : turns, () => other.deleteUser(userId)),
      ]);
      expect(deleted).toEqual({ status: 'fulfilled', value: true });
      return outcome.status === 'fulfilled' ? 'done' : (outcome.reason as { code: string }).code;
    };
    return { server, found, race };
  };
  const ofDevice = ({ keys, credentialId, link }: NewDevice) => [
    keys.publicKey,
    bytesOf(credentialId),
    bytesOf(link.pin?.id ?? ''),
    'Zoë’s tablet',
  ];
  const ofLink = ({ linkId, key }: Opener) => [bytesOf(linkId), bytesOf(key.credentialId), key.userId];

  it('a link that is being opened', async () => {
    const { server, found, race } = await start();
    for (const turns of delays) {
      const record = await registerWithPin(server.auth, `opening ${name} ${turns}`, pin);
      const opener = await server.signIn(record);
      const outcome = await race(record.userId, { turns, call: () => opener.open() });
      expect(['done', 'UNAUTHENTICATED', 'SESSION_ENDED']).toContain(outcome);
      expect(await found(outcome === 'done' ? ofLink(opener) : [record.userId])).toEqual([]);
    }
  });

  it('a key that is being offered', async () => {
    const { server, found, race } = await start();
    for (const turns of delays) {
      const record = await registerWithPin(server.auth, `offering ${name} ${turns}`, pin);
      const opener = await (await server.signIn(record)).open();
      const device = await server.newDevice().claim(opener.code, newPin);
      expect(['done', 'LINK_NOT_FOUND']).toContain(
        await race(record.userId, { turns, call: () => device.offer() }),
      );
      expect(await found([...ofLink(opener), ...ofDevice(device)])).toEqual([]);
      await expect(device.state()).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
    }
  });

  it('a device that is being approved, and of its PIN', async () => {
    const { server, found, race } = await start();
    for (const turns of delays) {
      const record = await registerWithPin(server.auth, `approving ${name} ${turns}`, pin);
      const { opener, device, seen } = await revealedLink(server, await server.signIn(record));
      const body = await opener.approval(seen);
      const outcome = await race(record.userId, { turns, call: () => opener.approve(body) });
      expect(approvals).toContain(outcome);
      expect(await found([...ofLink(opener), ...ofDevice(device)])).toEqual([]);
      expect(await server.pins.listOf(device.credentialId)).toEqual([]);
      await expect(device.state()).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
      await expect(device.login(server.auth)).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
    }
  });
});
