import type { RequestFacts } from '../request-facts.js';

/** Whether the browser names no site for a request, or this site. */
export function isSameSite({ fetchSite }: RequestFacts): boolean {
  return fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'same-site';
}
