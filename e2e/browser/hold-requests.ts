import type { Page } from '@playwright/test';

/** Hold requests until the test is done with them, and then lose them. */
export async function holdRequests(page: Page, pattern: string): Promise<() => Promise<void>> {
  let lose: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (lose = resolve));
  const lost: Promise<void>[] = [];
  await page.route(pattern, (route) => {
    // The page may have given up the request by then.
    lost.push(held.then(() => route.abort()).catch(() => undefined));
  });
  return async () => {
    lose();
    // If the route went first, the held requests would leave.
    await Promise.all(lost);
    await page.unroute(pattern);
  };
}
