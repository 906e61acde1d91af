import type { DpopRefusal, OriginRefusal } from './auth-event.js';
import { eventText } from './event-text.js';

/** A refusal that a wrong set-up may have caused. It may also be of an invalid proof, which shows no set-up. */
export type SetUpRefusal = DpopRefusal | OriginRefusal | { reason: 'no_origin' };

type SetUpReason = Exclude<SetUpRefusal['reason'], 'malformed' | 'signature' | 'token' | 'key'>;

/**
 * The warning that `onError` gets when a refusal may come from a wrong set-up of the server, or of a proxy before
 * it. The message names the option to look at. It holds no secret. Its quotations are visible ASCII of at most 256
 * characters.
 */
export class SetUpWarning extends Error {
  override readonly name = 'SetUpWarning';
  /** As in the events `dpop_rejected` and `origin_rejected`, or `no_origin` for a missing header `Origin`. */
  readonly reason: SetUpReason;

  constructor(reason: SetUpReason, message: string) {
    super(message);
    this.reason = reason;
    // The calls that lead here are not at fault, and their lines would only hide the sentence in a log.
    this.stack = `${this.name}: ${message}`;
  }
}

/** The most different warnings of one reason, because strangers choose the values in them. */
const maxPerReason = 3;

/**
 * Warn an operator of each wrong set-up that refusals show, once for each cause in the life of the process.
 *
 * @returns takes every refusal, and warns if a set-up may be the cause.
 */
export function setUpWarnings(warn: (warning: SetUpWarning) => void): (refusal: SetUpRefusal) => void {
  const given = new Map<SetUpReason, Set<string>>();
  return (refusal) => {
    const message = messageOf(refusal);
    if (message === null) return;
    const reason = refusal.reason as SetUpReason;
    const messages = given.get(reason) ?? new Set();
    given.set(reason, messages);
    if (messages.has(message) || messages.size >= maxPerReason) return;
    messages.add(message);
    warn(new SetUpWarning(reason, message));
  };
}

/** The sentences for an operator, or `null` if no set-up can be the cause of the refusal. */
function messageOf(refusal: SetUpRefusal): string | null {
  const [expected, presented] =
    'expected' in refusal ? [eventText(refusal.expected), eventText(refusal.presented)] : ['', ''];
  switch (refusal.reason) {
    case 'missing':
      return 'A request that needs a DPoP proof came without the header DPoP. If this happens to all clients, a proxy removes the header.';
    case 'method':
      return `A DPoP proof is for a ${presented} request, and the request arrived as ${expected}. If this happens to all clients, a proxy, a redirect or a middleware changes the method.`;
    case 'origin':
    case 'api':
      return `A proof names the server's origin ${presented}, and audiences has ${expected}. If clients reach this server at ${presented}, add it to audiences, or to origins if audiences is not set.`;
    case 'target':
      return targetMessage(expected, presented);
    case 'page':
      return `A request comes from a page at ${presented}, and origins has ${expected}. If the page is yours, add its origin to origins. If it is not, somebody tries to use this server from there.`;
    case 'origin_header':
      return `A page says that its origin is ${expected}, and the header Origin of its request says ${presented}. If this happens to all clients, a proxy changes the header.`;
    case 'fetch_site':
      return `The header Sec-Fetch-Site of a request says ${presented}, and a cookie carries a session within one site only. If page and API are on two sites, pass sessions: { carriage: 'bearer' }.`;
    case 'no_origin':
      return "A refresh or a sign-out came without the header Origin. If browsers sent it, a proxy removes the header. If clients outside of browsers sent it, pass sessions: { carriage: 'bearer' }, or have them send Origin and keep cookies.";
    case 'malformed':
    case 'signature':
    case 'token':
    case 'key':
      return null;
  }
}

/** A part that was removed or added is the same for all paths, so there is one message for all of them. */
function targetMessage(expected: string, presented: string): string {
  if (expected !== '' && presented.endsWith(expected)) {
    const part = presented.slice(0, -expected.length);
    return `A DPoP proof names a path that begins with ${part}, and the request arrived without it. If a proxy takes it away, pass publicPathOf: (path) => ${JSON.stringify(part)} + path.`;
  }
  if (expected.endsWith(presented)) {
    const part = expected.slice(0, -presented.length);
    return `A request arrived for a path that begins with ${part}, and its DPoP proof names the path without it. If a proxy adds it, pass a publicPathOf that takes ${part} away.`;
  }
  return `A DPoP proof names the path ${presented}, and the request arrived for ${expected}. If this happens to all clients, a proxy changes the path: correct the proxy, or pass a publicPathOf that gives the path of the clients.`;
}
