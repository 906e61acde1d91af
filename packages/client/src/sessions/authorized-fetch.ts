import { confirmationHeader } from '@zkp-auth/core';
import type { Access } from '../transport/dpop-signer.js';
import type { Channel } from '../transport/channel.js';
import { baseAddress } from '../transport/endpoint.js';
import { freshAccess } from './authorized-request.js';
import type { BrowserSession } from './browser-session.js';

/** The parts that send a request in the session. */
export interface SessionAccess extends Channel {
  readonly session: BrowserSession;
}

/**
 * Send a request under the session's access token. If the server refuses that token, send the request once more under a
 * fresh token of the same session. The second answer counts in every case.
 *
 * @throws `NO_SESSION`, `SESSION_ENDED`.
 */
export async function authorizedFetch(context: SessionAccess, request: Request): Promise<Response> {
  const access = await context.session.access(request.signal);
  const spare = request.clone();
  const response = await send(context, request, access);
  if (response.status !== 401) return response;
  letGo(response);
  return send(context, spare, await freshAccess(context.session, access, { signal: request.signal }));
}

/** Send a request, and send it once more if the server asks for its newest nonce in the proof (RFC 9449 section 9). */
async function send(context: SessionAccess, request: Request, access: Access): Promise<Response> {
  if (access.tokenType !== 'DPoP' && !request.headers.has(confirmationHeader)) {
    return context.fetch(authorized(request, access));
  }
  const { keyPair } = await context.session.recordOf(access);
  const attempt = async (asked: Request): Promise<Response> => {
    // Its proof and confirmation are for this server alone, so a redirect is an error.
    const signed = new Request(authorized(asked, access), { redirect: 'error' });
    signed.headers.set('DPoP', await context.signer.sign(asked, keyPair, access));
    const response = await context.fetch(signed);
    context.signer.observe(signed.url, response.headers);
    return response;
  };
  const spare = request.clone();
  const response = await attempt(request);
  const wantsNonce = response.headers.get('WWW-Authenticate')?.includes('use_dpop_nonce') === true;
  if (response.status !== 401 || !wantsNonce) return response;
  letGo(response);
  return attempt(spare);
}

/** Drop an answer that nobody reads. If its connection breaks meanwhile, no caller gets an error. */
export function letGo(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

function authorized(request: Request, { token, tokenType }: Access): Request {
  request.headers.set('Authorization', `${tokenType} ${token}`);
  return request;
}

/**
 * The application's request, for a server that may see the access token.
 *
 * @throws `TypeError` for any other server, because that server would get the token.
 */
export function requestTo(
  { endpoint }: Pick<Channel, 'endpoint'>,
  apiOrigins: readonly string[],
  [input, init]: Parameters<typeof fetch>,
): Request {
  const request =
    input instanceof Request
      ? new Request(input, init)
      : new Request(new URL(input, baseAddress() ?? endpoint.audience), init);
  const { origin } = new URL(request.url);
  if (![endpoint.audience, endpoint.origin, ...apiOrigins].includes(origin)) {
    throw new TypeError(`${origin} is not among apiOrigins: it would be given the access token`);
  }
  return request;
}
