import type { ListedCredential } from '../src/index.js';
import type { TestAuth } from './test-auth.js';

/** The live and pending credentials of a user. */
export async function liveCredentials(auth: TestAuth, userId: string): Promise<ListedCredential[]> {
  return (await auth.listCredentials(userId)).filter(({ revokedAtMs }) => revokedAtMs === null);
}
