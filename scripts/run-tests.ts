// npm test: every check and every test, then one line with what really ran.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureEngines } from './ensure-engines.ts';
import { install, main, root, run } from './run.ts';

interface Tally {
  passed: number;
  failed: number;
}

interface Step {
  name: string;
  command: string;
  args: readonly string[];
  /** Where the runner writes what it ran, and how to read it; a step without one counts as one test. */
  report?: { file: string; read: (json: never) => Tally };
  /** Nothing after it can run where it fails. */
  essential?: boolean;
}

const results = `${root}/.results`;
const pnpm = (...args: string[]): Pick<Step, 'command' | 'args'> => ({
  command: 'pnpm',
  args: ['exec', ...args],
});
const script = (file: string): Pick<Step, 'command' | 'args'> => ({
  command: process.execPath,
  args: [`scripts/${file}`],
});

const playwright = (name: string, file: string, ...args: string[]): Step => ({
  name,
  command: 'pnpm',
  args: ['--filter=@zkp-auth/e2e', 'exec', 'playwright', 'test', ...args],
  report: {
    file: `${results}/${file}.json`,
    read: ({ stats, errors }: { stats: Record<string, number>; errors: unknown[] }) => ({
      passed: stats['expected'] ?? 0,
      // A test that was skipped, or that passed at its second try only, has not shown what it says.
      failed: (stats['unexpected'] ?? 0) + (stats['flaky'] ?? 0) + (stats['skipped'] ?? 0) + errors.length,
    }),
  },
});

const steps: readonly Step[] = [
  { name: 'format', ...pnpm('prettier', '--check', '--log-level=warn', '.') },
  { name: 'build', ...pnpm('turbo', 'run', 'build', '--output-logs=errors-only'), essential: true },
  { name: 'lint', ...pnpm('oxlint', '--type-aware', '--deny-warnings') },
  { name: 'types', ...pnpm('turbo', 'run', 'typecheck', '--output-logs=errors-only') },
  { name: 'types of the scripts', ...pnpm('tsc', '-p', 'scripts/tsconfig.json') },
  { name: 'rooms and their direction', ...script('check-directions.ts') },
  { name: 'no equality operator on bytes', ...script('check-byte-equality.ts') },
  { name: 'errors are documented', ...script('check-error-docs.ts') },
  {
    name: 'published vectors are current',
    ...script('make-vectors.ts'),
    args: ['scripts/make-vectors.ts', '--check'],
  },
  { name: 'nothing of a machine in the repository', ...script('check-repository.ts') },
  { name: 'packages', ...script('check-packages.ts') },
  { name: 'bundles', ...script('check-bundles.ts') },
  {
    name: 'unit, property, contract and integration tests',
    ...pnpm(
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${results}/vitest.json`,
    ),
    report: {
      file: `${results}/vitest.json`,
      read: (json: {
        numPassedTests: number;
        numFailedTests: number;
        numPendingTests: number;
        success: boolean;
      }) => ({
        passed: json.numPassedTests,
        failed: Math.max(json.numFailedTests + json.numPendingTests, json.success ? 0 : 1),
      }),
    },
  },
  playwright('end to end, in Chromium', 'playwright'),
  playwright('built by every bundler, in Chromium', 'bundlers', '-c', 'bundlers/playwright.config.ts'),
];

main(async () => {
  await install();
  ensureEngines();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results);
  const total: Tally = { passed: 0, failed: 0 };
  const failures: string[] = [];
  for (const step of steps) {
    const started = performance.now();
    console.log(`\n> ${step.name}`);
    const code = await run(step.command, step.args);
    const tally = readTally(step, code);
    total.passed += tally.passed;
    total.failed += tally.failed;
    console.log(
      `  ${tally.failed === 0 ? 'ok' : 'FAILED'} (${((performance.now() - started) / 60_000).toFixed(1)} min)`,
    );
    if (tally.failed > 0) failures.push(step.name);
    if (tally.failed > 0 && step.essential === true) break;
  }
  if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
});

function readTally({ report }: Step, code: number): Tally {
  const plain = code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  if (report === undefined) return plain;
  if (!existsSync(report.file)) return { passed: 0, failed: 1 };
  const tally = report.read(JSON.parse(readFileSync(report.file, 'utf8')) as never);
  const nothingRan = tally.passed + tally.failed === 0;
  return {
    passed: tally.passed,
    failed: tally.failed === 0 && (code !== 0 || nothingRan) ? 1 : tally.failed,
  };
}
