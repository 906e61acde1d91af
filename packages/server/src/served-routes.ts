import { type JsonOf, type RouteName, routes } from '@zkp-auth/core';
import { type LinkRouteName, linkRoutes } from '@zkp-auth/core/linking';

/** The name of a route of this server. */
export type ServedRouteName = RouteName | LinkRouteName;

/** Paths, methods and statuses of all routes of this server. */
export const servedRoutes: typeof routes & typeof linkRoutes = { ...routes, ...linkRoutes };

/** The answer of a route. `undefined` stands for no body. */
export type ServedAnswerOf<Name extends ServedRouteName> = ReturnType<(typeof servedRoutes)[Name]['parse']>;

/** The answer as JSON. */
export type ServedAnswer<Name extends ServedRouteName> = JsonOf<ServedAnswerOf<Name>>;
