import { type JsonOf, routes } from '@zkp-auth/core';
import { linkRoutes } from '@zkp-auth/core/linking';
import { recoveryRoutes } from '@zkp-auth/core/recovery';

/**
 * Paths, methods and statuses of every route that the server answers. Core keeps some apart, so that no first sign-in
 * downloads them.
 */
export const servedRoutes: typeof routes & typeof linkRoutes & typeof recoveryRoutes = {
  ...routes,
  ...linkRoutes,
  ...recoveryRoutes,
};

/** The name of a route of this server. */
export type ServedRouteName = keyof typeof servedRoutes;

/** The answer of a route. `undefined` stands for no body. */
export type ServedAnswerOf<Name extends ServedRouteName> = ReturnType<(typeof servedRoutes)[Name]['parse']>;

/** The answer as JSON. */
export type ServedAnswer<Name extends ServedRouteName> = JsonOf<ServedAnswerOf<Name>>;
