import type { Server } from 'node:http';
import { type ErrorCode, ZkpAuthError } from '../src/index.js';
import { type Answer, send } from './http-client.js';
import type { BrowserAuth } from './test-browser.js';
import type { TestFacts } from './test-auth.js';

/** The headers that a browser sends with a request of these facts. */
export function headersOf(facts: TestFacts): Record<string, string> {
  const headers = {
    origin: facts.origin,
    'sec-fetch-site': facts.fetchSite,
    authorization: facts.authorization,
    dpop: facts.dpop,
    cookie: facts.cookie,
    'zkp-confirmation': facts.confirmation,
  };
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Make a browser take the headers of an answer. */
export function takeHeaders(answer: Answer, { setHeader }: TestFacts): Answer {
  for (const name of ['DPoP-Nonce', 'WWW-Authenticate', 'Set-Cookie']) {
    for (const value of [answer.headers[name.toLowerCase()] ?? []].flat()) setHeader?.(name, value);
  }
  return answer;
}

/** The routes of a server over HTTP, in the place of calls. A refusal is thrown by its code. */
export function httpAuth(server: Server, base = '/auth'): BrowserAuth {
  const post = async (path: string, body: unknown, facts: TestFacts = {}): Promise<any> => {
    const headers = { 'content-type': 'application/json', ...headersOf(facts) };
    const options = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = takeHeaders(await send(server, base + path, options), facts);
    if (answer.status >= 400) throw new ZkpAuthError(answer.json.code as ErrorCode);
    return answer.json;
  };
  return {
    calls: {
      challenge: (body, facts) => post('/challenge', body, facts),
      register: (body, facts) => post('/register', body, facts),
      verify: (body, facts) => post('/verify', body, facts),
      refresh: (body, facts) => post('/refresh', body, facts),
      signOut: (body, facts) => post('/sign-out', body, facts),
    },
  };
}
