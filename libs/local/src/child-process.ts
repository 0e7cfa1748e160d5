/**
 * One child process with the promises every local part needs: it never outlives this process (not even after SIGKILL),
 * its last lines are at hand when it fails, and after `stop` or `kill` has resolved it is gone.
 */
import { spawn, type ChildProcess as NodeChild } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '@toolfleet/kernel';

/** Enough for a Java stack trace with its causes. */
const tailLinesMax = 60;
const checkPauseMs = 50;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited beside it. */
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  readonly log?: (line: string) => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class ChildProcess {
  readonly pid: number;
  /** Resolves when the process is gone and all its lines have been read; never rejects. */
  readonly exited: Promise<ChildExit>;
  readonly #child: NodeChild;
  readonly #tail: string[] = [];
  #exit: ChildExit | undefined;

  private constructor(child: NodeChild, options: ChildOptions) {
    this.#child = child;
    this.pid = child.pid as number;
    const sentinel = guard(this.pid);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#read(line, options.log));
    }
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        sentinel.kill('SIGKILL');
      });
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Rejects with `missing` when the command does not exist. */
  static start(options: ChildOptions): Promise<ChildProcess> {
    return new Promise((resolve, reject) => {
      const child = spawn(options.command, [...options.arguments], {
        cwd: options.cwd,
        env: options.env ?? process.env,
        uid: options.uid,
        gid: options.gid,
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own: Ctrl-C in a terminal reaches only this process, which then stops its parts in order.
        detached: true,
      });
      child.once('error', (cause) =>
        reject(unreachable('PROCESS_NOT_STARTED', `${options.name} could not be started.`, { cause })),
      );
      child.once('spawn', () => resolve(new ChildProcess(child, options)));
    });
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** The last lines of standard output and error, oldest first. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Asks with `signal`, insists with SIGKILL after `graceMs`. */
  async stop(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.signal(signal);
    this.signal('SIGCONT'); // a suspended process would never see the request
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  #read(line: string, log: ((line: string) => void) | undefined): void {
    this.#tail.push(line);
    if (this.#tail.length > tailLinesMax) this.#tail.shift();
    log?.(line);
  }
}

/**
 * A shell that holds the read end of a pipe whose write end only this process has: when this process dies, however it
 * dies, the pipe closes and the shell kills the child. Linux's PR_SET_PDEATHSIG would do the same, but neither Node nor
 * macOS offers it.
 */
function guard(pid: number): NodeChild {
  const script = 'trap "" INT TERM HUP; while read -r _; do :; done; kill -KILL "$1" 2>/dev/null';
  const sentinel = spawn('/bin/sh', ['-c', script, 'sentinel', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  sentinel.on('error', () => undefined); // without /bin/sh the child is merely not guarded
  sentinel.stdin.on('error', () => undefined);
  return sentinel;
}

export interface ReadinessOptions {
  readonly name: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** One bounded attempt; a rejection counts as "not yet". */
  readonly check: () => Promise<boolean>;
}

/** Waits until `check` holds. A child that exits first, or a deadline that passes, ends in a fault with its last lines. */
export async function untilReady(child: ChildProcess, options: ReadinessOptions): Promise<void> {
  const deadlineAtMs = Date.now() + options.deadlineMs;
  while (child.running && Date.now() < deadlineAtMs) {
    options.signal?.throwIfAborted();
    if (await options.check().catch(() => false)) return;
    await sleep(checkPauseMs, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
  }
  const exit = child.running ? undefined : await child.exited;
  const what =
    exit === undefined
      ? `was not ready within ${options.deadlineMs} ms`
      : `ended before it was ready (${exit.signal ?? `exit code ${exit.code}`})`;
  throw unreachable('NOT_READY', `${options.name} ${what}. Its last lines:\n${child.tail.join('\n')}`);
}
