import { routes } from '@zkp-auth/core';
import { recoveryRoutes } from '@zkp-auth/core/recovery';

/** Every route that the server answers. Core keeps some apart, so that no first sign-in downloads them. */
export const servedRoutes: typeof routes & typeof recoveryRoutes = { ...routes, ...recoveryRoutes };

export type ServedRouteName = keyof typeof servedRoutes;

/** The answer of a route. `undefined` stands for no body. */
export type ServedAnswerOf<Name extends ServedRouteName> = ReturnType<(typeof servedRoutes)[Name]['parse']>;
