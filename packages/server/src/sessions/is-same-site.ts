import type { RequestFacts } from '../request-facts.js';

/** Whether a browser says nothing of where a request comes from, or says that it is this site. */
export function isSameSite({ fetchSite }: RequestFacts): boolean {
  return fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'same-site';
}
