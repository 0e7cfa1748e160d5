// Builds and runs every spec in three passes: unit, integration, end to end. The last two share one real Kafka and one real
// Postgres, started here and stopped whatever happens. A test that is skipped counts as failed, so nothing is left out silently.
// Words after the command keep the files whose path contains one of them (`npm test -- libs/kernel`).
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { root, run } from './command.mjs';

// One test may wait for a rebalance or a broker restart (45 s each at worst).
const TEST_TIMEOUT_MS = 180_000;
// A file whose tests are over but which does not end leaks a handle; node:test would wait for it for ever.
const SILENCE_MAX_MS = TEST_TIMEOUT_MS + 30_000;
// Two cores: a third file at a time only makes the timing of the other two worse.
const CONCURRENCY = 2;
// Starting both parts takes about 4 s, with the first download of Kafka's jars under a minute.
const START_TIMEOUT_MS = 240_000;
const STOP_TIMEOUT_MS = 30_000;

// Tests that may be skipped, as 'file path: test name', each with its reason beside it.
const allowedSkips = new Set([]);

const filters = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const interrupt = new AbortController();
const folder = join(root, '.toolfleet', `test-${process.pid}`);
const counts = { passed: 0, failed: 0 };

async function findSpecs() {
  const found = [];
  const patterns = ['{libs,apps,examples}/*/dist/**/*.spec.js', '{bench,eval}/dist/**/*.spec.js'];
  for await (const file of glob(patterns, { cwd: root })) {
    // tsc does not delete what it built from a source that is gone.
    const source = file.replace(/\/dist\//, '/src/').replace(/\.js$/, '.ts');
    if (!existsSync(join(root, source))) continue;
    if (filters.length === 0 || filters.some((word) => file.includes(word) || source.includes(word))) found.push(file);
  }
  return found.toSorted();
}

const isEndToEnd = (file) => file.startsWith('apps/fleet-e2e/') || file.endsWith('.e2e.spec.js');
const isIntegration = (file) => file.endsWith('.int.spec.js') && !isEndToEnd(file);
const isUnit = (file) => !isIntegration(file) && !isEndToEnd(file);

function within(promise, timeoutMs, what) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs / 1000} s`)), timeoutMs);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}

/** Starts Kafka and Postgres side by side; what started is stopped even when the other one did not. */
async function startParts() {
  mkdirSync(folder, { recursive: true });
  const { startKafka, startPostgres } = await import(join(root, 'libs', 'local', 'dist', 'index.js'));
  const { signal } = interrupt;
  const starts = [
    startKafka({ directory: join(folder, 'kafka'), signal }),
    startPostgres({ directory: join(folder, 'postgres'), signal }),
  ];
  const each = (act) => Promise.all(starts.map((start) => start.then(act).catch(() => undefined)));
  const stop = async () => {
    const stopped = within(
      each((part) => part.stop()),
      STOP_TIMEOUT_MS,
      'stopping Kafka and Postgres',
    );
    await stopped.catch(() => each((part) => part.kill()));
  };
  try {
    const [kafka, postgres] = await within(Promise.all(starts), START_TIMEOUT_MS, 'starting Kafka and Postgres');
    const env = { TOOLFLEET_TEST_KAFKA: kafka.brokers.join(','), TOOLFLEET_TEST_DATABASE_URL: postgres.url };
    console.log(`kafka ${env.TOOLFLEET_TEST_KAFKA}, postgres on its own port, data in ${folder}`);
    return { env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const place = ({ file, name }) => `${relative(root, file ?? '')}: ${name}`;

/** Whoever reads only the end of a long log learns why; the whole of it stands where the test ran. */
function whyOf(error) {
  const cause = error?.cause ?? error;
  return String(cause?.message ?? cause)
    .split('\n')
    .slice(0, 12)
    .join('\n    ');
}

function countInto(stream, failures) {
  // A file is itself reported as a test: count what is inside, and the file only when it failed without a failing test.
  const failedInside = new Set();
  const isFile = ({ name, file, nesting }) =>
    nesting === 0 && file !== undefined && (name === file || file.endsWith(name));
  stream.on('test:pass', (test) => {
    if (test.details.type === 'suite' || isFile(test)) return;
    const skippedSilently = (test.skip ?? test.todo) !== undefined && !allowedSkips.has(place(test));
    if (!skippedSilently) counts.passed += 1;
    else {
      counts.failed += 1;
      failures.push(`${place(test)} (skipped)`);
    }
  });
  stream.on('test:fail', (test) => {
    if (test.details.type === 'suite' || (isFile(test) && failedInside.has(test.file))) return;
    failedInside.add(test.file);
    counts.failed += 1;
    failures.push(`${place(test)}\n    ${whyOf(test.details.error)}`);
  });
}

async function pass(title, files, { concurrency = CONCURRENCY, env = {} } = {}) {
  if (files.length === 0 || interrupt.signal.aborted) return [];
  console.log(`\n== ${title}: ${files.length} files`);
  const failures = [];
  const silence = new AbortController();
  const watchdog = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
  const stream = runTests({
    files: files.map((file) => join(root, file)),
    concurrency,
    execArgv: ['--enable-source-maps', `--test-timeout=${TEST_TIMEOUT_MS}`],
    env: { ...process.env, ...env },
    signal: AbortSignal.any([interrupt.signal, silence.signal]),
  });
  for (const event of ['test:start', 'test:pass', 'test:fail']) stream.on(event, () => watchdog.refresh());
  countInto(stream, failures);
  const report = stream.compose(spec);
  report.pipe(process.stdout, { end: false });
  await new Promise((resolve) => {
    report.on('end', resolve).on('error', resolve);
  });
  clearTimeout(watchdog);
  if (silence.signal.aborted)
    console.log(`no test ended for ${SILENCE_MAX_MS / 1000} s: the files named above do not end`);
  return failures;
}

async function testAll() {
  const files = await findSpecs();
  if (files.length === 0) throw new Error(`no spec file matches ${filters.join(', ') || 'at all'}`);
  const failures = await pass('unit', files.filter(isUnit));
  const [integration, endToEnd] = [files.filter(isIntegration), files.filter(isEndToEnd)];
  if (integration.length + endToEnd.length === 0 || interrupt.signal.aborted) return failures;
  const parts = await startParts();
  try {
    failures.push(...(await pass('integration', integration, { env: parts.env })));
    failures.push(...(await pass('end to end', endToEnd, { concurrency: 1, env: parts.env })));
  } finally {
    await parts.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return failures;
}

for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interrupt.abort());

const startedAt = performance.now();
const built = await run('tsc', ['-b']);
if (built.code === 0) {
  const failures = await testAll().catch((error) => {
    counts.failed += 1;
    return [String(error.stack ?? error)];
  });
  if (failures.length > 0) console.log(`\nfailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
} else {
  counts.failed += 1;
  console.log(`${built.output}\nthe build failed`);
}
if (interrupt.signal.aborted) console.log('\ninterrupted');
console.log(`\n${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(interrupt.signal.aborted ? 130 : counts.failed > 0 ? 1 : 0);
