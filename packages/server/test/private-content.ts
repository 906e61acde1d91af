import { type Runtime, Session } from 'node:inspector';

declare global {
  // oxlint-disable-next-line no-var -- only `var` is a member of `globalThis`
  var lookedInto: unknown;
}

type Properties = Runtime.GetPropertiesReturnType & {
  privateProperties?: { value?: Runtime.RemoteObject }[];
};

const inHex =
  'function () { return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString("hex"); }';

/** From a store to a byte of a key in one of its maps. */
const mostLevels = 12;

/** All texts and bytes in an object, private members and the entries of maps and sets included. Bytes are in hex. */
export function privateContent(value: unknown): string[] {
  const session = new Session();
  session.connect();
  const found: string[] = [];
  /** The session answers at once, because it is connected to its own thread. */
  const once = <Answer>(send: (take: (error: Error | null, answer: Answer) => void) => void): Answer => {
    let given: Answer | undefined;
    send((error, answer) => {
      if (error !== null) throw error;
      given = answer;
    });
    return given as Answer;
  };
  const call = (objectId: string, functionDeclaration: string): unknown => {
    const asked = { objectId, functionDeclaration, returnByValue: true };
    return once<Runtime.CallFunctionOnReturnType>((take) =>
      session.post('Runtime.callFunctionOn', asked, take),
    ).result.value;
  };
  const look = ({ type, subtype, value: text, objectId }: Runtime.RemoteObject, levels: number): void => {
    if (type === 'string') found.push(String(text));
    if (type !== 'object' || objectId === undefined || levels === 0) return;
    if (subtype === 'typedarray') {
      found.push(String(call(objectId, inHex)));
      return;
    }
    const asked = { objectId, ownProperties: true };
    const {
      result,
      internalProperties = [],
      privateProperties = [],
    } = once<Properties>((take) => session.post('Runtime.getProperties', asked, take));
    const names = result.filter(({ enumerable }) => enumerable).map(({ name }) => name);
    found.push(...names);
    const entries = internalProperties.filter(({ name }) => name === '[[Entries]]');
    for (const member of [...result.filter(({ enumerable }) => enumerable), ...privateProperties, ...entries])
      if (member.value !== undefined) look(member.value, levels - 1);
  };
  globalThis.lookedInto = value;
  const { result: root } = once<Runtime.EvaluateReturnType>((take) =>
    session.post('Runtime.evaluate', { expression: 'lookedInto' }, take),
  );
  look(root, mostLevels);
  globalThis.lookedInto = undefined;
  session.disconnect();
  return found;
}
