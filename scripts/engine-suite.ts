/** The browsers that the shared specs of `e2e/engines` run in. */
export const engineNames = ['chromium', 'firefox', 'webkit'] as const;

export type EngineName = (typeof engineNames)[number];

export interface EngineSuite {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** The command of one browser's suite. @param args further arguments of vitest. */
export function engineSuite(engine: EngineName, args: readonly string[] = []): EngineSuite {
  const vitest = ['exec', 'vitest', 'run', '--config', 'engines/vitest.config.ts'];
  return { command: 'pnpm', args: ['--filter=@zkp-auth/e2e', ...vitest, ...args], env: { ENGINE: engine } };
}
