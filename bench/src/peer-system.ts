/**
 * A peer as one of the systems measured: a program of `bench/peers`, told by its environment where the model, the tools
 * and an empty Postgres are, that prints the address of its sessions when it is ready. Its packages are many and stay out
 * of the main install: they are fetched when a peer is first asked for.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { broken, expired, unreachable } from '@toolfleet/kernel';
import { ChildProcess, startPostgres } from '@toolfleet/local';
import { PeerLoad } from './peer-load.js';
import type { PeerName, RunningSystem, StartContext, SystemProcess } from './systems.js';

const peersDirectory = fileURLToPath(new URL('../peers', import.meta.url));
/** 51 packages of 300 MB, most of it Restate's server, over a slow line. */
const installDeadlineMs = 600_000;
/** LangGraph with a new Postgres took 14 s, Restate's server 1.5 s, on two cores with a load of 16. */
const readyDeadlineMs = 90_000;
const stopGraceMs = 5_000;

const needsPostgres: Readonly<Record<PeerName, boolean>> = {
  loop: false,
  'postgres-loop': true,
  restate: false,
  dbos: true,
  langgraph: true,
};

/** Does nothing when the packages that the lock names are there. */
export async function installPeers(say: (text: string) => void, signal: AbortSignal): Promise<void> {
  const installed = join(peersDirectory, 'node_modules', '.package-lock.json');
  const lock = join(peersDirectory, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say('Installing the peers: npm ci --prefix bench/peers');
  const npm = await ChildProcess.start({ name: 'npm ci', command: 'npm', arguments: ['ci'], cwd: peersDirectory });
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(installDeadlineMs)]);
  const end = (): void => npm.signal('SIGKILL');
  isOver.addEventListener('abort', end, { once: true });
  if (isOver.aborted) end();
  const { code } = await npm.exited;
  isOver.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (isOver.aborted) throw expired('PEERS_NOT_INSTALLED', `npm ci took longer than ${installDeadlineMs / 1_000} s.`);
  if (code === 0) return;
  throw unreachable('PEERS_NOT_INSTALLED', `npm ci --prefix bench/peers failed:\n${npm.tail.join('\n')}`);
}

export async function startPeer(name: PeerName, context: StartContext): Promise<RunningSystem> {
  const { directory, signal, log, undo } = context;
  const parts: SystemProcess[] = [];
  const env: NodeJS.ProcessEnv = {
    ...{ PATH: process.env['PATH'], HOME: directory, NODE_ENV: 'production' },
    PEER_DIRECTORY: directory,
    PEER_MODEL_URL: context.modelUrl,
    PEER_MODEL_API_KEY: process.env['TOOLFLEET_MODEL_API_KEY'],
    PEER_TOOLS_URL: context.toolsUrl,
  };
  if (needsPostgres[name]) {
    const postgres = await startPostgres({
      directory: join(directory, 'postgres'),
      log: (text) => log({ source: 'postgres', text }),
      signal,
    });
    undo(() => postgres.stop());
    parts.push({ name: 'postgres', pid: postgres.pid });
    env['PEER_DATABASE_URL'] = postgres.url;
  }
  const ready = Promise.withResolvers<string>();
  const child = await ChildProcess.start({
    name,
    command: process.execPath,
    arguments: [join(peersDirectory, 'src', `${name}.js`)],
    cwd: directory,
    env,
    log: (text) => {
      log({ source: name, text });
      const sessionsUrl = sessionsUrlOf(text);
      if (sessionsUrl !== undefined) ready.resolve(sessionsUrl);
    },
  });
  undo(() => child.stop('SIGTERM', stopGraceMs));
  parts.push({ name, pid: child.pid });
  const load = new PeerLoad(await untilReady(name, child, ready.promise, signal));
  undo(() => load.close());
  void child.exited.then(() => load.fail(broken('PEER_ENDED', `${name} ended:\n${child.tail.join('\n')}`)));
  return { name, load, processes: () => parts };
}

async function untilReady(
  name: PeerName,
  child: ChildProcess,
  ready: Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const gone = Promise.withResolvers<never>();
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(readyDeadlineMs)]);
  const onOver = (): void => gone.reject(unreachable('PEER_NOT_READY', `${name} was not ready in time.`));
  isOver.addEventListener('abort', onOver, { once: true });
  if (isOver.aborted) onOver();
  const ended = child.exited.then(() => {
    throw unreachable('PEER_NOT_READY', `${name} ended before it was ready:\n${child.tail.join('\n')}`);
  });
  try {
    return await Promise.race([ready, ended, gone.promise]);
  } finally {
    isOver.removeEventListener('abort', onOver);
    signal.throwIfAborted();
  }
}

/** The one line a peer is ready with; anything else that it prints is its log. */
export function sessionsUrlOf(line: string): string | undefined {
  if (!line.startsWith('{"sessionsUrl":')) return undefined;
  const { sessionsUrl } = JSON.parse(line) as { sessionsUrl: string };
  return sessionsUrl;
}
