import { type RouteShape, ZkpAuthError } from '@zkp-auth/core';
import { readLinkPath } from '@zkp-auth/core/linking';
import type { Engine } from '../engine.js';
import { jsonAnswer, repeatedId } from './answers.js';
import { factsOf } from './facts-of.js';
import type { HeaderList } from '../outcome.js';
import type { HttpAnswer, HttpRequest } from './http-message.js';
import { readConfirmedBody, readJsonBody } from './json-body.js';
import { maxBodyBytes } from './limits.js';
import { problemAnswer } from './problem-answer.js';
import { offersNonce, type RouteCalls } from './routes.js';
import { type ServedRouteName, servedRoutes } from '../served-routes.js';

/** A route of the protocol, ready to answer requests. */
export interface Route {
  readonly name: ServedRouteName;
  /**
   * Answer a request for this route. It never rejects, because a refusal is an answer too. A method that is not
   * allowed is refused at once. Such a request may send a body that its headers do not announce, and nobody reads
   * it.
   */
  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}

/**
 * Finds the route of a path below the address that the routes are mounted at. A path with a linkId is matched last,
 * and only with 16 bytes in base64url in that place.
 */
export function routeMatcher(engine: Engine, calls: RouteCalls): (path: string) => Route | undefined {
  const routeOf = (name: ServedRouteName, linkId?: string): Route => ({
    name,
    answer: (request) => answerRoute(engine, calls, { name, request, linkId }),
  });
  const names = Object.keys(servedRoutes) as ServedRouteName[];
  const ofLinks = names.filter((name) => servedRoutes[name].path.includes('{'));
  const fixed = new Map(
    names
      .filter((name) => !ofLinks.includes(name))
      .map((name) => [servedRoutes[name].path as string, routeOf(name)]),
  );
  return (path) => {
    const route = fixed.get(path);
    if (route !== undefined || !path.startsWith(linksPath)) return route;
    for (const name of ofLinks) {
      const linkId = readLinkPath(servedRoutes[name].path, path);
      if (linkId !== null) return routeOf(name, linkId);
    }
    return undefined;
  };
}

const linksPath = '/links/';

/** A request for a route. */
interface Asked {
  name: ServedRouteName;
  request: HttpRequest;
  /** From the path of a link's route. */
  linkId: string | undefined;
}

function answerRoute(engine: Engine, calls: RouteCalls, asked: Asked): HttpAnswer | Promise<HttpAnswer> {
  const { name, request } = asked;
  const { method } = servedRoutes[name];
  if (request.method === method) return runOperation(engine, calls, asked);
  const refusal = problemAnswer(engine, request, new ZkpAuthError('METHOD_NOT_ALLOWED'));
  return withHeaders(refusal, [['Allow', method]]);
}

async function runOperation(
  engine: Engine,
  calls: RouteCalls,
  { name, request, linkId }: Asked,
): Promise<HttpAnswer> {
  const { method, status } = servedRoutes[name];
  const facts = linkId === undefined ? factsOf(request) : { ...factsOf(request), linkId };
  const nonce = nonceFor(engine, name, facts.dpop);
  try {
    const sent = method === 'POST' ? await readBody(name, request) : undefined;
    const { body, headers } = await calls[name](sent, facts);
    return jsonAnswer(status, body, [...repeatedId(request), ...nonce, ...headers]);
  } catch (error) {
    return withHeaders(problemAnswer(engine, request, error), nonce);
  }
}

/** A confirmation is over the exact bytes, so such a route parses them itself. */
function readBody(name: ServedRouteName, request: HttpRequest): Promise<unknown> {
  const { action } = servedRoutes[name] as RouteShape;
  return action === undefined
    ? readJsonBody(request, maxBodyBytes)
    : readConfirmedBody(request, maxBodyBytes);
}

function nonceFor({ nonces }: Engine, name: ServedRouteName, dpop: string | undefined): HeaderList {
  return offersNonce.has(name) || dpop !== undefined ? [['DPoP-Nonce', nonces.current()]] : [];
}

/** The answer with headers that it does not have already. */
function withHeaders({ headers, ...answer }: HttpAnswer, more: HeaderList): HttpAnswer {
  const names = new Set(headers.map(([name]) => name));
  return { ...answer, headers: [...headers, ...more.filter(([name]) => !names.has(name))] };
}
