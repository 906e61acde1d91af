import { hash } from 'node:crypto';
import { Pool } from 'undici';
import { audience, type SignedIn } from './login-load.ts';
import { stayAwake } from './stay-awake.ts';

/** Requests under way at once. */
const lanes = 32;

/** Makes the headers of one request from the newest DPoP nonce of the server. */
export type HeadersOf = (nonce: string | undefined) => Record<string, string>;

/** Loads a route of a server, which answers 200 to each request. */
export class GuardLoad {
  readonly #pool: Pool;
  #nonce: string | undefined;

  constructor(port: number) {
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { connections: lanes });
  }

  async request(requests: readonly HeadersOf[], path = '/me'): Promise<void> {
    let next = 0;
    const run = async (): Promise<void> => {
      for (let headersOf = requests[next++]; headersOf !== undefined; headersOf = requests[next++]) {
        await this.#request(path, headersOf);
      }
    };
    await stayAwake(Promise.all(Array.from({ length: lanes }, run)));
  }

  async json(path: string): Promise<unknown> {
    const { body } = await this.#pool.request({ path, method: 'GET' });
    return body.json();
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #request(path: string, headersOf: HeadersOf): Promise<void> {
    for (const isLast of [false, true]) {
      const request = { path, method: 'GET', headers: headersOf(this.#nonce) } as const;
      const { statusCode, headers, body } = await this.#pool.request(request);
      this.#nonce = (headers['dpop-nonce'] as string | undefined) ?? this.#nonce;
      const text = await body.text();
      if (statusCode === 200) return;
      // The first request has no nonce yet.
      if (isLast || headers['dpop-nonce'] === undefined) throw new Error(`${path}: ${statusCode} ${text}`);
    }
  }
}

export function bearer({ token }: SignedIn): HeadersOf {
  const headers = { authorization: `Bearer ${token}` };
  return () => headers;
}

/** Each request has a new DPoP proof. */
export function proven({ token, key }: SignedIn): HeadersOf {
  const request = { htm: 'GET', htu: `${audience}/me`, ath: hash('sha256', token, 'base64url') };
  return (nonce) => ({ authorization: `DPoP ${token}`, dpop: key.proof(request, nonce) });
}
