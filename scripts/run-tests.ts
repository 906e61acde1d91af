// npm test runs every check and every test, then prints one line with the tests that really ran.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumOnlyTests } from '../e2e/engines/chromium-only.ts';
import { ensureEngines } from './ensure-engines.ts';
import { type EngineName, engineSuite } from './engine-suite.ts';
import { install, main, root, run, runQuietly } from './run.ts';

interface Tally {
  passed: number;
  failed: number;
}

interface Step {
  name: string;
  command: string;
  args: readonly string[];
  env?: Record<string, string>;
  /**
   * The file with the runner's results, and the function that reads it. A step without a report counts as one test.
   */
  report?: { file: string; read: (json: never) => Tally };
  /** If it fails, no later step can run. */
  essential?: boolean;
}

const results = `${root}/.results`;
const packedFolder = mkdtempSync(join(tmpdir(), 'zkp-auth-packed-'));
const pnpm = (...args: string[]): Pick<Step, 'command' | 'args'> => ({
  command: 'pnpm',
  args: ['exec', ...args],
});
const script = (file: string): Pick<Step, 'command' | 'args'> => ({
  command: process.execPath,
  args: [`scripts/${file}`],
});

/** The arguments that make vitest write its results to a file, and the function that reads them. */
function reportOfVitest(name: string): { args: string[]; report: NonNullable<Step['report']> } {
  const file = `${results}/${name}.json`;
  return {
    args: ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    report: {
      file,
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
  };
}

function inEngine(engine: EngineName, name: string): Step {
  const { args, report } = reportOfVitest(engine);
  const suite = engineSuite(engine, args);
  return { name: `the shared specs, in ${name}`, ...suite, env: { ...suite.env, SHORT_FORM: '1' }, report };
}

const playwright = (name: string, file: string, ...args: string[]): Step => ({
  name,
  command: 'pnpm',
  args: ['--filter=@zkp-auth/e2e', 'exec', 'playwright', 'test', ...args],
  env: { PLAYWRIGHT_RESULTS: `${results}/${file}.json` },
  report: {
    file: `${results}/${file}.json`,
    read: ({ stats, errors }: { stats: Record<string, number>; errors: unknown[] }) => ({
      passed: stats['expected'] ?? 0,
      // A test that was skipped, or that passed only at its second try, has not shown that its claim holds.
      failed: (stats['unexpected'] ?? 0) + (stats['flaky'] ?? 0) + (stats['skipped'] ?? 0) + errors.length,
    }),
  },
});

const atOnce = 2;
/** The tests that need a quiet machine. */
const alone = 'no task blocks the page';

/** Steps run one after the other. Steps that share a list run side by side, {@link atOnce} at a time. */
const steps: readonly (Step | readonly Step[])[] = [
  { name: 'format', ...pnpm('prettier', '--check', '--log-level=warn', '.') },
  { name: 'build', ...pnpm('turbo', 'run', 'build', '--output-logs=errors-only'), essential: true },
  { name: 'lint', ...pnpm('oxlint', '--type-aware', '--deny-warnings') },
  { name: 'types', ...pnpm('turbo', 'run', 'typecheck', '--output-logs=errors-only') },
  { name: 'types of the scripts', ...pnpm('tsc', '-p', 'scripts/tsconfig.json') },
  { name: 'rooms and their direction', ...script('check-directions.ts') },
  { name: 'no equality operator on bytes', ...script('check-byte-equality.ts') },
  { name: 'errors are documented', ...script('check-error-docs.ts') },
  { name: 'plain language', ...script('check-language.ts') },
  { name: 'links of the docs', ...script('check-links.ts') },
  {
    name: 'published vectors are current',
    ...script('make-vectors.ts'),
    args: ['scripts/make-vectors.ts', '--check'],
  },
  { name: 'nothing of a machine in the repository', ...script('check-repository.ts') },
  { name: 'packages', ...script('check-packages.ts') },
  { name: 'bundles', ...script('check-bundles.ts') },
  {
    name: 'quickstart, packed as for publication',
    ...script('pack-quickstart.ts'),
    args: ['scripts/pack-quickstart.ts', packedFolder],
    essential: true,
  },
  // Alone, because it takes all cores by itself. It has one worker more than the two cores, because many tests
  // wait.
  {
    name: 'unit, property, contract and integration tests',
    ...pnpm('vitest', 'run', '--maxWorkers=3', ...reportOfVitest('vitest').args),
    report: reportOfVitest('vitest').report,
  },
  // The longest comes first. Two cores can take two at a time.
  [
    inEngine('webkit', 'WebKitGTK'),
    playwright('the larger suite, in Chromium', 'playwright', '--grep-invert', alone),
    inEngine('firefox', 'Firefox'),
    playwright('built by every bundler, in Chromium', 'bundlers', '-c', 'bundlers/playwright.config.ts'),
    playwright('the documented servers, in Chromium', 'frameworks', '-c', 'frameworks/playwright.config.ts'),
    inEngine('chromium', 'Chromium'),
  ],
  // Last and alone, because it listens for tasks that block the page.
  playwright('no task blocks the page, in Chromium', 'playwright-alone', '--grep', alone),
];

main(async () => {
  await install();
  ensureEngines();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results);
  process.env['PACKED_APP'] = join(packedFolder, 'examples/quickstart');
  const total: Tally = { passed: 0, failed: 0 };
  const failures: string[] = [];
  for (const step of steps) {
    const taken = 'length' in step ? await takeAside(step) : [await take(step)];
    for (const { tally, name } of taken) {
      total.passed += tally.passed;
      total.failed += tally.failed;
      if (tally.failed > 0) failures.push(name);
    }
    if (taken.some(({ tally, essential }) => essential === true && tally.failed > 0)) break;
  }
  rmSync(packedFolder, { recursive: true, force: true });
  console.log(
    `\nNot run in Firefox and WebKitGTK: the larger suite. ${chromiumOnlyTests.length} of its tests only Chromium can run, ` +
      'see e2e/engines/chromium-only.ts.',
  );
  if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
});

type Taken = Pick<Step, 'name' | 'essential'> & { tally: Tally };

/** Run a step, and show its output at once. */
async function take(step: Step): Promise<Taken> {
  const startedMs = performance.now();
  console.log(`\n> ${step.name}`);
  const code = await run(step.command, step.args, { env: environmentOf(step) });
  return conclude(step, code, startedMs);
}

/** Run steps side by side, and show the output of each when it has ended. */
async function takeAside(list: readonly Step[]): Promise<Taken[]> {
  const waiting = [...list];
  const taken: Taken[] = [];
  const takeNext = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const startedMs = performance.now();
      console.log(`\n> ${step.name}: started`);
      const { code, output } = await runQuietly(step.command, step.args, { env: environmentOf(step) });
      console.log(`\n> ${step.name}\n${output.trimEnd()}`);
      taken.push(conclude(step, code, startedMs));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeNext));
  return taken;
}

function environmentOf({ env }: Step): NodeJS.ProcessEnv {
  return { ...process.env, ...env };
}

function conclude(step: Step, code: number, startedMs: number): Taken {
  const tally = readTally(step, code);
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  console.log(`  ${tally.failed === 0 ? 'ok' : 'FAILED'} (${minutes} min)`);
  return { ...step, tally };
}

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
