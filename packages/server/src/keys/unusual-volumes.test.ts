import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileFaults } from '../../test/file-faults.js';
import { tokensOf } from '../../test/key-ring-tokens.js';
import { addPinSecret, openPinSecretFile } from '../pin/open-pin-secret-file.js';
import { FileKeyRingStore } from './file-key-ring-store.js';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import { openKeyFile, type OpenKeyFileOptions } from './open-key-file.js';
import { openKeyRing } from './open-key-ring.js';

vi.mock('node:fs/promises', async (importActual) => {
  const { withFileFaults } = await import('../../test/file-faults.js');
  return withFileFaults(await importActual());
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkp-auth-volumes-'));
});
afterEach(() => {
  fileFaults.reset();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const ringFile = () => join(folder, 'keys.json');
const pinFile = () => join(folder, 'pins.json');
const invalid = expect.objectContaining({ code: 'KEY_FILE_INVALID' });
const notWritten = expect.objectContaining({ code: 'KEY_RING_NOT_WRITTEN' });
const minuteMs = 60_000;

describe('a volume on which chmod has no effect', () => {
  beforeEach(() => {
    fileFaults.stats = { mode: 0o100777 };
  });

  it.each([
    ['signing key file', () => openKeyFile(ringFile())],
    ['PIN secret file', () => openPinSecretFile(pinFile())],
  ])('gets no secret of a %s, and no file that stops the next start', async (name, start) => {
    for (let n = 0; n < 2; n++) {
      await expect(start()).rejects.toEqual(invalid);
      await expect(start()).rejects.toThrow(new RegExp(`${name} .* mode 777.*TextKeyRingStore`));
      expect(readdirSync(folder)).toEqual([]);
      expect(fileFaults.written).toEqual([]);
    }
    fileFaults.reset();
    await start();
  });

  it('gives files that were there no secret either', async () => {
    fileFaults.reset();
    const ring = await openKeyFile(ringFile());
    const before = readFileSync(ringFile(), 'utf8');
    fileFaults.stats = { mode: 0o100777 };
    await expect(ring.rotate({ force: true })).rejects.toEqual(invalid);
    expect(readFileSync(ringFile(), 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });
});

describe('a volume without hard links', () => {
  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'])(
    'that says %s gets one ring and one PIN secret of all that start at once',
    async (code) => {
      fileFaults.link = code;
      const rings = await Promise.all(Array.from({ length: 6 }, () => openKeyFile(ringFile())));
      expect(new Set(rings.map((ring) => ring.active().kid)).size).toBe(1);
      expect((await openKeyFile(ringFile())).jwks()).toEqual(rings[0]!.jwks());
      const pins = await Promise.all(Array.from({ length: 6 }, () => openPinSecretFile(pinFile())));
      expect(new Set(pins.map(({ active }) => active.id)).size).toBe(1);
      await rings[0]!.rotate({ force: true });
      expect(readdirSync(folder)).toEqual(['keys.json', 'pins.json']);
    },
  );

  it('loses no ring that is there', async () => {
    fileFaults.link = 'EPERM';
    const store = new FileKeyRingStore(ringFile());
    expect(await store.replace(null, 'first')).toBe(true);
    expect(await store.replace(null, 'second')).toBe(false);
    expect((await store.read())!.content).toBe('first');
  });

  it('has the whole file or none after a failure, and nothing beside it', async () => {
    fileFaults.link = 'EPERM';
    fileFaults.rename = 'EIO';
    await expect(openKeyFile(ringFile())).rejects.toEqual(invalid);
    expect(readdirSync(folder)).toEqual([]);
    fileFaults.rename = null;
    await openKeyFile(ringFile());
  });

  it('that fails otherwise is not taken for one', async () => {
    fileFaults.link = 'EIO';
    await expect(openKeyFile(ringFile())).rejects.toEqual(invalid);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a volume whose folders cannot be synced', () => {
  it('keeps a ring all the same', async () => {
    fileFaults.syncFolder = 'EINVAL';
    const ring = await openKeyFile(ringFile());
    await ring.rotate({ force: true });
    expect((await openKeyFile(ringFile())).jwks()).toEqual(ring.jwks());
  });

  it('says so when the disk fails', async () => {
    fileFaults.syncFolder = 'EIO';
    await expect(openKeyFile(ringFile())).rejects.toEqual(invalid);
  });
});

describe('a full disk', () => {
  it.each(['.lock', '.tmp'])(
    'whose %s file cannot be written leaves no lock for the next call',
    async (end) => {
      const ring = await openKeyFile(ringFile());
      await openPinSecretFile(pinFile());
      fileFaults.write = { end, code: 'ENOSPC' };
      await expect(ring.rotate({ force: true })).rejects.toThrow(/ENOSPC/);
      await expect(addPinSecret(pinFile())).rejects.toThrow(/ENOSPC/);
      expect(readdirSync(folder)).toEqual(['keys.json', 'pins.json']);
      fileFaults.reset();
      await ring.rotate({ force: true });
      expect((await addPinSecret(pinFile())).all).toHaveLength(2);
    },
  );
});

describe.each(['EROFS', 'EACCES', 'EPERM'])('a file that may only be read (%s)', (code) => {
  const clock = { nowMs: 0 };
  const errors: unknown[] = [];
  const open = (options: OpenKeyFileOptions = {}) =>
    openKeyFile(ringFile(), {
      now: () => clock.nowMs,
      onError: (error) => void errors.push(error),
      ...options,
    });
  beforeEach(async () => {
    clock.nowMs = 1_700_000_000_000;
    errors.length = 0;
    await (await open()).rotate({ force: true });
    fileFaults.create = code;
  });

  it('serves, with nothing to say while nothing is due', async () => {
    const ring = await open();
    const tokens = tokensOf(ring, () => clock.nowMs);
    expect(await tokens.accepts(await tokens.issue())).toBe(true);
    expect(ring.jwks().keys).toHaveLength(3);
    expect(errors).toEqual([]);
  });

  it.each<[string, number, OpenKeyFileOptions, RegExp]>([
    ['a rotation is due', 31 * minuteMs, { rotateEveryMs: 30 * minuteMs }, /the keys are to rotate/],
    ['tokens live longer', 0, { tokenTtlMs: 60 * minuteMs }, /kept for 3660000 ms/],
    ['a retired key is to be dropped', 12 * minuteMs, {}, /1 retired key.* dropped/],
  ])('starts when %s, and tells onError', async (_, laterMs, options, said) => {
    const before = readFileSync(ringFile(), 'utf8');
    clock.nowMs += laterMs;
    const ring = await open(options);
    expect(errors).toEqual([notWritten]);
    expect(String(errors[0])).toMatch(said);
    expect(String(errors[0])).toContain(code);
    expect(readFileSync(ringFile(), 'utf8')).toBe(before);
    ring.close();
  });

  it('accepts and publishes no key whose time is over, though the file has it', async () => {
    const retired = (await open()).jwks().keys[2]!.kid!;
    clock.nowMs += 12 * minuteMs;
    const ring = await open();
    expect(ring.jwks().keys.map(({ kid }) => kid)).not.toContain(retired);
    expect(await ring.find(retired)).toBeNull();
    expect(readFileSync(ringFile(), 'utf8')).toContain(retired);
  });

  it('is not rotated here, and the refusal says why', async () => {
    const ring = await open();
    const before = ring.jwks();
    await expect(ring.rotate({ force: true })).rejects.toEqual(notWritten);
    await expect(ring.rotate({ force: true })).rejects.toThrow(
      new RegExp(`keys.json can only be read here \\(${code}\\)\\. Change the ring at its source`),
    );
    expect(ring.jwks()).toEqual(before);
  });

  it('that is changed at its source is taken up while it serves, and said once', async () => {
    clock.nowMs += 31 * minuteMs;
    const ring = await open({ rotateEveryMs: 30 * minuteMs, reloadMs: 5 });
    const source = new InMemoryKeyRingStore();
    await source.replace(null, readFileSync(ringFile(), 'utf8'));
    const admin = await openKeyRing({ store: source, encrypt: false, now: () => clock.nowMs });
    await admin.rotate();
    writeFileSync(join(folder, 'changed.json'), (await source.read())!.content, { mode: 0o600 });
    renameSync(join(folder, 'changed.json'), ringFile());
    await vi.waitFor(() => expect(ring.jwks()).toEqual(admin.jwks()), 10_000);
    expect(errors).toEqual([notWritten]);
    ring.close();
  });

  it('that is missing stops the start', async () => {
    rmSync(ringFile());
    await expect(open()).rejects.toEqual(invalid);
    await expect(openPinSecretFile(pinFile())).rejects.toThrow(code);
  });

  it('of PIN secrets serves, and is not added to', async () => {
    fileFaults.create = null;
    const { active } = await openPinSecretFile(pinFile());
    fileFaults.create = code;
    expect((await openPinSecretFile(pinFile())).active.id).toBe(active.id);
    await expect(addPinSecret(pinFile())).rejects.toEqual(invalid);
    await expect(addPinSecret(pinFile())).rejects.toThrow(code);
  });
});

describe('the mode of a file', () => {
  const self = 1000;
  const makeFilesOf = async (mode: number, uid: number): Promise<void> => {
    await openKeyFile(ringFile());
    await openPinSecretFile(pinFile());
    vi.spyOn(process, 'geteuid').mockReturnValue(self);
    fileFaults.stats = { mode: 0o100000 | mode, uid };
  };
  it.each([
    ['600, own', 0o600, self],
    ['400, own', 0o400, self],
    ['440, own: nobody may write it', 0o440, self],
    ['440, of root: a Kubernetes secret with an fsGroup', 0o440, 0],
    ['640, of root: a group may read it, this process among it', 0o640, 0],
    ['600, of root', 0o600, 0],
  ])('%s, opens', async (_, mode, uid) => {
    await makeFilesOf(mode, uid);
    await openKeyFile(ringFile());
    await openPinSecretFile(pinFile());
  });

  it.each([
    ['640, own: a group may read what this process could close to it', 0o640, self],
    ['660, of root: a group may write it', 0o660, 0],
    ['460, own', 0o460, self],
    ['450, of root', 0o450, 0],
    ['444, of root: everybody', 0o444, 0],
    ['404, own', 0o404, self],
    ['644, of root: the default of a Kubernetes secret', 0o644, 0],
    ['666, own', 0o666, self],
  ])('%s, is refused', async (_, mode, uid) => {
    await makeFilesOf(mode, uid);
    const said = new RegExp(
      `mode ${mode.toString(8)}: others can read it.*chmod 600.*defaultMode 0440.*fsGroup`,
    );
    await expect(openKeyFile(ringFile())).rejects.toEqual(invalid);
    await expect(openKeyFile(ringFile())).rejects.toThrow(said);
    await expect(openPinSecretFile(pinFile())).rejects.toThrow(said);
  });

  it.each([0, self])(
    'of another user is refused by a process of uid %i, also if it could be read',
    async (uid) => {
      for (const mode of [0o600, 0o400, 0o440, 0o640]) {
        await makeFilesOf(mode, 1234);
        vi.spyOn(process, 'geteuid').mockReturnValue(uid);
        for (const open of [() => openKeyFile(ringFile()), () => openPinSecretFile(pinFile())]) {
          await expect(open()).rejects.toEqual(invalid);
          await expect(open()).rejects.toThrow('belongs to another user (uid 1234)');
        }
        fileFaults.reset();
        vi.restoreAllMocks();
      }
    },
  );

  it.each([
    ['440 opens', 0o440, 0, true],
    ['640 is refused, which root could close', 0o640, 0, false],
  ])('for a process of root %s', async (_, mode, uid, opens) => {
    await openKeyFile(ringFile());
    vi.spyOn(process, 'geteuid').mockReturnValue(0);
    fileFaults.stats = { mode: 0o100000 | mode, uid };
    const opening = openKeyFile(ringFile());
    if (opens) await opening;
    else await expect(opening).rejects.toEqual(invalid);
  });
});
