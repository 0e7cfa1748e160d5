/**
 * Apache Kafka's jars and the Java to run them. The jars are copied once per user and version by Maven from
 * deploy/local/pom.xml; a folder with the final name is always complete, because it is filled under another name first.
 */
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { broken, isFault, missing } from '@toolfleet/kernel';
import { runTool } from '../run-tool.js';

const pomFile = fileURLToPath(new URL('../../../../deploy/local/pom.xml', import.meta.url));
const javaVersionMin = 17;
/** 45 MB over a slow line; 7 s on a fast one. */
const downloadDeadlineMs = 600_000;
/** A temporary folder this old belongs to a start that was aborted. */
const abandonedAfterMs = 2 * downloadDeadlineMs;

const waysOn =
  'Three ways on: install Java >= 17 and Maven; or run `docker compose -f deploy/compose.yaml up`; ' +
  'or point TOOLFLEET_KAFKA_BROKERS at a broker of your own.';

interface StartOptions {
  readonly log?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The `java` to run; `missing` JAVA_MISSING when there is none or it is too old for Kafka 4. */
export async function findJava(options: StartOptions): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const printed = await runTool({
    name: 'java -version',
    command: java,
    arguments: ['-version'],
    deadlineMs: 20_000,
    signal: options.signal,
  }).catch((cause: unknown) => {
    options.signal?.throwIfAborted();
    throw missing('JAVA_MISSING', `Kafka needs Java, and \`${java}\` does not run. ${waysOn}`, { cause });
  });
  const version = /version "(\d+)/.exec(printed.join('\n'))?.[1];
  if (Number(version) >= javaVersionMin) return java;
  throw missing('JAVA_MISSING', `Kafka needs Java >= ${javaVersionMin}; \`${java}\` is ${version}. ${waysOn}`);
}

/** The folder of the jars, filled on first use. */
export async function kafkaJars(options: StartOptions): Promise<string> {
  const pom = await readFile(pomFile, 'utf8');
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1];
  if (version === undefined) throw broken('POM_UNREADABLE', 'deploy/local/pom.xml names no kafka.version.');
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'toolfleet');
  const folder = join(cache, `kafka-${version}`);
  if (await exists(folder)) return folder;
  options.log?.(`Fetching Apache Kafka ${version} into ${folder} (once, about 45 MB)`);
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const temporary = await mkdtemp(join(cache, `kafka-${version}.tmp-`));
  try {
    await copyJars(temporary, options);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // A parallel start was faster: its folder is as complete as ours.
    if (!(await exists(folder))) throw error;
  }
  return folder;
}

async function copyJars(into: string, options: StartOptions): Promise<void> {
  try {
    await runTool({
      name: 'Maven',
      command: 'mvn',
      arguments: [
        ...['--batch-mode', '--quiet', '--file', pomFile, 'dependency:copy-dependencies'],
        ...['-DincludeScope=runtime', `-DoutputDirectory=${into}`],
      ],
      // Maven writes nothing beside a pom, but a relative path in a user's settings must not land in the repository.
      cwd: dirname(into),
      deadlineMs: downloadDeadlineMs,
      signal: options.signal,
      ...(options.log === undefined ? {} : { log: options.log }),
    });
  } catch (cause) {
    if (!isFault(cause) || cause.reason !== 'PROCESS_NOT_STARTED') throw cause;
    throw missing('MAVEN_MISSING', `Fetching Kafka's jars needs Maven, and \`mvn\` does not run. ${waysOn}`, { cause });
  }
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.includes('.tmp-')) continue;
    const path = join(cache, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
