import { type RouteName, type RouteShape, routes, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { jsonAnswer, repeatedId } from './answers.js';
import { factsOf } from './facts-of.js';
import type { HeaderList } from '../outcome.js';
import type { HttpAnswer, HttpRequest } from './http-message.js';
import { readConfirmedBody, readJsonBody } from './json-body.js';
import { maxBodyBytes } from './limits.js';
import { problemAnswer } from './problem-answer.js';
import { offersNonce, type RouteCalls } from './routes.js';

/** A route of the protocol, ready to answer requests. */
export interface Route {
  readonly name: RouteName;
  /**
   * Answer a request for this route. It never rejects, because a refusal is an answer too. A method that is not
   * allowed is refused at once. Such a request may send a body that its headers do not announce, and nobody reads
   * it.
   */
  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}

/** The routes by their path below the address that they are mounted at. */
export function routesByPath(engine: Engine, calls: RouteCalls): ReadonlyMap<string, Route> {
  const names = Object.keys(routes) as RouteName[];
  return new Map(
    names.map((name) => [
      routes[name].path,
      { name, answer: (request) => answerRoute(engine, calls, { name, request }) },
    ]),
  );
}

function answerRoute(
  engine: Engine,
  calls: RouteCalls,
  asked: { name: RouteName; request: HttpRequest },
): HttpAnswer | Promise<HttpAnswer> {
  const { name, request } = asked;
  const { method } = routes[name];
  if (request.method === method) return runOperation(engine, calls, asked);
  const refusal = problemAnswer(engine, request, new ZkpAuthError('METHOD_NOT_ALLOWED'));
  return withHeaders(refusal, [['Allow', method]]);
}

async function runOperation(
  engine: Engine,
  calls: RouteCalls,
  { name, request }: { name: RouteName; request: HttpRequest },
): Promise<HttpAnswer> {
  const { method, status } = routes[name];
  const facts = factsOf(request);
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
function readBody(name: RouteName, request: HttpRequest): Promise<unknown> {
  const { action } = routes[name] as RouteShape;
  return action === undefined
    ? readJsonBody(request, maxBodyBytes)
    : readConfirmedBody(request, maxBodyBytes);
}

function nonceFor({ nonces }: Engine, name: RouteName, dpop: string | undefined): HeaderList {
  return offersNonce.has(name) || dpop !== undefined ? [['DPoP-Nonce', nonces.current()]] : [];
}

/** The answer with headers that it does not have already. */
function withHeaders({ headers, ...answer }: HttpAnswer, more: HeaderList): HttpAnswer {
  const names = new Set(headers.map(([name]) => name));
  return { ...answer, headers: [...headers, ...more.filter(([name]) => !names.has(name))] };
}
