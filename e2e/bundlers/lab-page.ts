import type { Page } from '@playwright/test';
import type { RequestHandler } from 'express';
import { policyWith } from './documented-bundlers.ts';

/** The documented policy, as a header. */
export const policy = { 'Content-Security-Policy': policyWith('') };

export const isWorker = (path: string): boolean => /\/vault-worker[^/]*\.js$/.test(path);

/**
 * Make the first call of a client in the page, and give its outcome. Later calls use the same client. It needs the
 * application's page, opened with `#idle`.
 */
export function callClient(page: Page, options: object = {}): Promise<string> {
  return page.evaluate(async (given) => {
    interface Client {
      listLocalKeys(): Promise<unknown[]>;
    }
    const scope = globalThis as unknown as {
      ZkpAuthClient: new (options: object) => Client;
      client?: Client;
    };
    scope.client ??= new scope.ZkpAuthClient({ baseUrl: '/auth', ...given });
    return scope.client.listLocalKeys().then(
      (keys) => `${keys.length} keys`,
      (error: { code?: string; name: string; message: string }) =>
        `${error.code ?? error.name}: ${error.message}`,
    );
  }, options);
}

/** Answers requests for the worker's file until the test takes it away. */
export class WorkerInTheWay {
  requests = 0;
  #answer: RequestHandler | undefined;

  constructor(answer: RequestHandler) {
    this.#answer = answer;
  }

  readonly before: RequestHandler = (req, res, next) => {
    if (!isWorker(req.path)) return next();
    this.requests++;
    return this.#answer === undefined ? next() : this.#answer(req, res, next);
  };

  takeAway(): void {
    this.#answer = undefined;
  }
}
