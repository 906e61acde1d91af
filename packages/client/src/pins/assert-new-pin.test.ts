import { describe, expect, it } from 'vitest';
import { loadNewPins } from './load-new-pins.js';
import type { PinPolicy } from './pin-policy.js';
import { ZkpAuthClient } from '../index.js';

/** Judge a new PIN as the operations do. */
async function assertNewPin(pin: string, policy: PinPolicy): Promise<void> {
  const newPins = await loadNewPins();
  newPins.assertNewPin(pin, policy);
}

const code = (expected: string) => expect.objectContaining({ code: expected });

const keypadShapes = (
  '123321 123654 142536 159951 258456 789987 147741 456654 852456 147896 ' +
  '753951 135790 134679 192837 124578'
).split(' ');
/** PINs with equal steps, few digits, mirrored halves, rows with little added, or a meaning. */
const numbers = (
  '100000 200000 110110 101010 102030 246135 135246 421124 123457 912345 ' +
  '012344 777888 696969 314159 271828 520131 786110 197800 001985'
).split(' ');
const wordsWithHabits = (
  'password1 Password1! p4ssw0rd qwerty123 123qwerty abc1234 abcd1234 welcome1 liverpool Liverpool99 samsung letmein! ' +
  'iloveyou2 dragon12 m0nkey 1qaz2wsx qazwsx qweasd q1w2e3r4 1q2w3e4r qwaszx chelsea1 admin123 charlie7'
).split(' ');

describe('a new PIN', () => {
  it.each([
    '123456',
    '654321',
    '345678',
    '098765',
    '111111',
    '121212',
    '123123',
    '112233',
    '147258',
    '159753',
    '789456',
    'abcdef',
    'qwerty',
    'ytrewq',
    'asdfgh',
    'password',
    'PassWord',
    'iloveyou',
    'abcabc',
    '000000',
    '１２３４５６',
    '١٢٣٤٥٦',
    '۱۲۳۴۵۶',
    '१२३४५६',
    '١٤٧٢٥٨',
    '١٩٨٤٠٥١٢',
    '123456 ',
    '12 34 56',
    '123-456',
    '12-34-56',
    '24/12/1985',
    '24.12.1985',
    '\u200f123456\u200e',
    ' qwerty\n',
    '010190',
    '311299',
    '122595',
    '851231',
    '24121985',
    '19851224',
    ...keypadShapes,
    ...numbers,
    ...wordsWithHabits,
  ])('%s is too common, and the error says why', async (pin) => {
    await expect(assertNewPin(pin, {})).rejects.toThrow(code('PIN_TOO_COMMON'));
    await expect(assertNewPin(pin, {})).rejects.toThrow(/^The PIN (?:is|only|goes) .+\.$/);
    await assertNewPin(pin, { allowCommon: true });
  });

  it.each([
    ['159753', 'PIN_TOO_COMMON', 'common'],
    ['121212', 'PIN_TOO_COMMON', 'repeated'],
    ['123321', 'PIN_TOO_COMMON', 'mirrored'],
    ['123456', 'PIN_TOO_COMMON', 'sequence'],
    ['24.12.1985', 'PIN_TOO_COMMON', 'date'],
    ['135246', 'PIN_TOO_COMMON', 'steps'],
    ['liverpool', 'PIN_TOO_COMMON', 'word'],
    ['48291', 'INVALID_PIN', 'too-short'],
    ['', 'INVALID_PIN', 'too-short'],
    ['x'.repeat(257), 'INVALID_PIN', 'too-long'],
    ['49\ud8003817', 'INVALID_PIN', 'malformed'],
    ['493817', 'INVALID_PIN', 'own-rule'],
  ])('%j is %s with the reason %s, which a translation can go by', async (pin, refusal, reason) => {
    const check = (): string => 'Not this one.';
    await expect(assertNewPin(pin, { check })).rejects.toMatchObject({ code: refusal, reason });
  });

  it('with a word and enough that is drawn will do', async () => {
    for (const pin of ['liverpool-58213', 'samsung70462', 'qwerty 90417 x']) await assertNewPin(pin, {});
  });

  it('of a great length is judged in one go', async () => {
    await assertNewPin(`${'1234567890'.repeat(25)}x!y`, {});
    await assertNewPin(`${'123'.repeat(84)}x!y`, {});
  });

  it.each(['482913', '738294', 'pa55-on', 'tr0ub4', 'é8q!zz', '905172', '٤٨٢٩١٣', '482-913', ' pa55-on '])(
    '%s will do',
    async (pin) => {
      await assertNewPin(pin, {});
    },
  );

  it.each([
    '1234',
    '2580',
    '1998',
    '0852',
    '1212',
    '1122',
    '2412',
    '0131',
    '6969',
    'abcd',
    '١٢٣٤',
    '1-2-3-4',
  ])('%s is too common among short ones', async (pin) => {
    await expect(assertNewPin(pin, { minLength: 4 })).rejects.toThrow(code('PIN_TOO_COMMON'));
  });

  it('leaves most random ones to choose from', async () => {
    /** The refused share of all PINs, or of every `step`-th PIN. */
    const share = async (digits: number, step: number): Promise<number> => {
      let refused = 0;
      for (let n = 0; n < 10 ** digits; n += step) {
        try {
          await assertNewPin(String(n).padStart(digits, '0'), { minLength: digits });
        } catch {
          refused++;
        }
      }
      return (refused * step) / 10 ** digits;
    };
    expect(await share(4, 1)).toBeLessThan(0.12);
    expect(await share(6, 31)).toBeLessThan(0.12);
  }, 60_000);

  it('too short says how long it must be', async () => {
    await expect(assertNewPin('48291', {})).rejects.toThrow(code('INVALID_PIN'));
    await assertNewPin('4829', { minLength: 4 });
    await expect(assertNewPin('482913', { minLength: 8 })).rejects.toThrow(/at least 8 characters/);
    await expect(assertNewPin('😀😀😀😀😀', {})).rejects.toThrow(code('INVALID_PIN'));
    for (const padded of ['48291 ', '4-8-2-9-1', '\u200b48291\u200b', '      ', '-----']) {
      await expect(assertNewPin(padded, {}), padded).rejects.toThrow(code('INVALID_PIN'));
    }
  });

  it('is judged by the application too, in its own words', async () => {
    const check = (pin: string) => (pin.includes('7') ? 'No sevens.' : undefined);
    await expect(assertNewPin('738294', { check })).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_PIN', message: 'No sevens.' }),
    );
    await assertNewPin('482913', { check });
    await expect(assertNewPin('٧38-294', { check })).rejects.toThrow('No sevens.');
  });
});

describe('a policy', () => {
  it('below six characters needs the server’s help, and below four none is allowed', () => {
    const client = (minLength: number, pinAssistance?: boolean) =>
      new ZkpAuthClient({
        baseUrl: '/auth',
        pinPolicy: { minLength },
        ...(pinAssistance === undefined ? {} : { pinAssistance }),
      });
    expect(() => client(4)).not.toThrow();
    expect(() => client(6, false)).not.toThrow();
    for (const bad of [3, 0, -1, 4.5, Number.NaN]) expect(() => client(bad)).toThrow(TypeError);
    expect(() => client(5, false)).toThrow(/without pinAssistance/);
  });
});
