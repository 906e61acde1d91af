import { hash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { RequestFacts } from '../request-facts.js';
import { addressKey } from './address-key.js';
import { type CountedBy, defaultLimits, type LimitName } from './default-limits.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import { checkedLimits, type LimitOptions } from './limit-options.js';
import type { LimitCounter } from './limit-store.js';

/** The subject of a use. A proof has shown the user and the credential. */
export interface LimitSubject {
  userId: string;
  credentialId: string;
  facts: RequestFacts;
}

export interface Limits {
  /**
   * Count a use. Gives 0 if it is within the limit or not counted, else how many milliseconds of its window remain.
   */
  take(name: LimitName, subject: LimitSubject): Promise<number>;
  /** Forget the uses of a deleted user or of some deleted credentials. A store that fails forgets them by itself later. */
  forget(countedBy: 'userId' | 'credentialId', ids: readonly string[]): Promise<void>;
  /** Take a use back that turned out to be no failure. A store that fails counts it as one. */
  giveBack(name: LimitName, subject: LimitSubject): Promise<void>;
}

/** How long a store may take to count. A sign-in does not wait longer. */
const patienceMs = 1_000;

/**
 * Make the enabled limits. If a store fails, this process counts in its memory instead, and calls `reportError`.
 *
 * @throws `TypeError` for options that cannot work.
 */
export function createLimits(
  options: LimitOptions | false | undefined,
  reportError: (error: unknown) => void,
): Limits {
  const limits = checkedLimits(options);
  const memory = new InMemoryLimitStore();
  const { store = memory } = options === false || options === undefined ? {} : options;
  const counters = new Map<LimitName, LimitCounter>();
  for (const [name, limit] of limits) {
    const counter = store.open(name, limit);
    const isCountedHere = store === memory || (ofFailures.has(name) && counter.giveBack === undefined);
    const here = memory.open(name, limit);
    counters.set(name, isCountedHere ? here : insured(counter, here, reportError));
  }
  const keyOf = keyReader(reportError);
  const counted = (name: LimitName, subject: LimitSubject): { counter: LimitCounter; key: string } | null => {
    const counter = counters.get(name);
    const key = counter && keyOf(defaultLimits[name].countedBy, subject);
    if (counter === undefined || key === undefined) return null;
    return { counter, key: keyHash(key) };
  };
  return {
    async take(name, subject) {
      const use = counted(name, subject);
      return use === null ? 0 : use.counter.take(use.key);
    },
    async giveBack(name, subject) {
      const use = counted(name, subject);
      if (use !== null) await use.counter.giveBack?.(use.key);
    },
    async forget(countedBy, ids) {
      const affected = [...counters].filter(([name]) => defaultLimits[name].countedBy === countedBy);
      const keys = ids.map(keyHash);
      await Promise.all(
        affected.flatMap(([, counter]) => keys.map(async (key) => counter.forget?.(key).catch(reportError))),
      );
    },
  };
}

/** A user id may be long, and more people may be able to read this store than the table of users. */
function keyHash(key: string): string {
  return hash('sha256', key, 'base64url');
}

/** Limits that give a use back if it was no failure. */
const ofFailures: ReadonlySet<LimitName> = new Set(['linkGuessesByAddress', 'linkGuessesByEveryone']);

function insured(
  counter: LimitCounter,
  instead: LimitCounter,
  reportError: (error: unknown) => void,
): LimitCounter {
  return {
    async take(key) {
      try {
        return await inTime(counter.take(key));
      } catch (error) {
        reportError(error);
        return await instead.take(key);
      }
    },
    async giveBack(key) {
      try {
        if (counter.giveBack !== undefined) await inTime(counter.giveBack(key));
      } catch (error) {
        reportError(error);
      }
      // The use may have been counted here.
      await instead.giveBack?.(key);
    },
    async forget(key) {
      await instead.forget?.(key);
      if (counter.forget !== undefined) await inTime(counter.forget(key));
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const answered = new AbortController();
  try {
    return await Promise.race([work, tooLate(answered.signal)]);
  } finally {
    answered.abort();
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await setTimeout(patienceMs, undefined, { signal });
  throw new Error(`The store of the limits did not answer within ${patienceMs} ms.`);
}

/**
 * Gives the key under which a limit counts a use; `undefined` if it is not counted, because the address is unknown.
 */
function keyReader(
  reportError: (error: unknown) => void,
): (countedBy: CountedBy, subject: LimitSubject) => string | undefined {
  let isReported = false;
  return (countedBy, { facts, ...subject }) => {
    if (countedBy === 'everyone') return countedBy;
    if (countedBy !== 'address') return subject[countedBy];
    const { address } = facts;
    if (address === undefined) return undefined;
    const key = addressKey(address);
    if (key === undefined && !isReported) {
      isReported = true;
      reportError(new TypeError('The address of a request is no IP address, so that no limit counts it.'));
    }
    return key;
  };
}
