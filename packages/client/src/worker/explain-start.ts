import { type ErrorCode, ZkpAuthError } from '@zkp-auth/core';

const lookForMs = 10_000;

export interface FailedStart {
  /** The address of the worker's script, or `undefined` if no address was reached. */
  address: string | undefined;
  isOfAnotherOrigin: boolean;
  /** The browser's own error, if there is one. */
  cause: unknown;
  /** If the worker has started, and is of another version than the client. */
  versions: { worker: string; client: string } | undefined;
  /** The policy directive that refused an address. */
  refusedBy: (address: string) => string | undefined;
  /** Whether the client's Trusted Types policy could not be created. */
  hasNoPolicy: boolean;
}

/**
 * Find out why a worker did not start, because browsers do not tell pages. It requests the worker's address once. If the
 * worker has started, and is of another version, it requests nothing.
 *
 * This module is a part of its own. It imports no module of the chunk on demand, because that chunk may have failed
 * under the address by which a bundler would import it here.
 *
 * @returns `NETWORK_ERROR` if no answer came or the server failed, so that it may work later. Otherwise
 * `VAULT_UNAVAILABLE`, which names the address and the reason.
 */
export async function explainStart({
  address,
  isOfAnotherOrigin,
  cause,
  versions,
  refusedBy,
  hasNoPolicy,
}: FailedStart): Promise<ZkpAuthError> {
  const said = saying(cause);
  const error = (code: ErrorCode, message: string): ZkpAuthError =>
    new ZkpAuthError(code, message, { cause });
  if (address === undefined) {
    const why = `The bundler left no address for the vault worker${said}.`;
    return error('VAULT_UNAVAILABLE', `${why} Pass \`workerUrl\`.`);
  }
  if (versions !== undefined) {
    return error(
      'VAULT_UNAVAILABLE',
      `The worker at ${address.slice(0, 200)} is of version ${versions.worker} and the client of version ${versions.client}: ` +
        'copy vault-worker.js of the same package again, and reload the page.',
    );
  }
  if (isOfAnotherOrigin) {
    return error(
      'VAULT_UNAVAILABLE',
      `A worker has to come from the page's own origin, ${globalThis.origin}, and not from ${address.slice(0, 200)}. ` +
        'Serve a copy of vault-worker.js from the page, and pass its address as `workerUrl`.',
    );
  }
  if (cause instanceof TypeError && hasNoPolicy) {
    return error(
      'VAULT_UNAVAILABLE',
      'The Content-Security-Policy has to allow zkp-auth in trusted-types, once per copy of the client.',
    );
  }
  const at = `the vault worker at ${address.slice(0, 200)}`;
  const refused = refusedBy(address);
  if (refused !== undefined) {
    return error(
      'VAULT_UNAVAILABLE',
      `The Content-Security-Policy refused ${at}: ${refused} has to allow it.`,
    );
  }
  const seen = await look(address);
  if (seen === undefined) {
    const blind = refusedBy(address);
    return blind === undefined
      ? error('NETWORK_ERROR', `No answer came from ${at}.`)
      : error(
          'VAULT_UNAVAILABLE',
          `The reason is unknown why ${at} did not start${said}: ${blind} hides it.`,
        );
  }
  const { status } = seen;
  if (status >= 500 || status === 408 || status === 429) {
    return error('NETWORK_ERROR', `The server answered ${status} for ${at}.`);
  }
  return error('VAULT_UNAVAILABLE', `The browser did not start ${at}${said}. ${reasonIn(seen)}`);
}

/** The answer for the script's address, without its body. */
async function look(address: string): Promise<Response | undefined> {
  try {
    const signal = AbortSignal.timeout(lookForMs);
    const response = await fetch(address, { mode: 'same-origin', redirect: 'manual', signal });
    response.body?.cancel().catch(() => undefined);
    return response;
  } catch {
    // The report of a policy arrives in a task of its own.
    await new Promise((resolve) => setTimeout(resolve, 0));
    return undefined;
  }
}

function reasonIn({ ok, status, headers }: Response): string {
  const type = (headers.get('Content-Type') ?? 'no Content-Type').slice(0, 100);
  const answer = status === 0 ? 'It was answered by a redirect' : `It was answered by ${status}, ${type}`;
  if (!ok) return `${answer}: serve vault-worker.js there, or pass \`workerUrl\`.`;
  if (!/\b(?:java|ecma|j|live)script\b/i.test(type)) {
    if (/^text\/plain\b/i.test(type)) return `${answer}: the server has to send text/javascript.`;
    return `${answer}, which is no script: index.html, a sign-in page or a service worker took its place.`;
  }
  return `${answer}. The file may be cut short, of another release, or without the page's Cross-Origin-Embedder-Policy.`;
}

function saying(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : cause;
  return typeof text === 'string' && text !== '' ? ` (${text.slice(0, 200)})` : '';
}
