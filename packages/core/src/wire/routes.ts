/** A route of the server: its address below the base, its method, and the one status of its success. */
export interface RouteShape {
  path: `/${string}`;
  method: 'GET' | 'POST';
  /** A client takes no other status for a success. 204 has no body. */
  status: 200 | 201 | 204;
}

/** Every route of the protocol (sections 3 to 7). Client and server read them here. */
export const routes = {
  challenge: { path: '/challenge', method: 'POST', status: 200 },
  register: { path: '/register', method: 'POST', status: 201 },
  verify: { path: '/verify', method: 'POST', status: 200 },
  pin: { path: '/pin', method: 'POST', status: 204 },
  rotateKey: { path: '/rotate-key', method: 'POST', status: 200 },
  openKey: { path: '/open-key', method: 'POST', status: 204 },
  refresh: { path: '/refresh', method: 'POST', status: 200 },
  signOut: { path: '/sign-out', method: 'POST', status: 204 },
  sessions: { path: '/sessions', method: 'GET', status: 200 },
  endSessions: { path: '/sessions/end', method: 'POST', status: 204 },
} as const;

export type RouteName = keyof typeof routes;
