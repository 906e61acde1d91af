import type { Page } from '@playwright/test';

/** Let requests go nowhere until the test is done with them: then they are lost. */
export async function holdRequests(page: Page, pattern: string): Promise<() => Promise<void>> {
  let lose: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (lose = resolve));
  const lost: Promise<void>[] = [];
  await page.route(pattern, (route) => {
    // The page may have given the request up by then.
    lost.push(held.then(() => route.abort()).catch(() => undefined));
  });
  return async () => {
    lose();
    // Without its route, what is still held would leave.
    await Promise.all(lost);
    await page.unroute(pattern);
  };
}
