/**
 * One role process that is kept running: started, watched, and started again whenever it ends, until `stop`.
 *
 *   starting ──ready──▶ running ──ends──▶ waiting (0, 250, 500 … ms) ──▶ starting
 *
 * The first start must succeed; a later one that fails is tried again, for ever, because what made it fail (a broker
 * that is down) may pass.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChildProcess, untilReady } from '@toolfleet/local';

/** A role is ready in about a second; on a loaded machine that starts seven at once it may take many. */
const readyDeadlineMs = 90_000;
const probeTimeoutMs = 2_000;
/** Roles drain for up to 10 s (see the plan) and then close what they hold. */
const stopGraceMs = 20_000;
const pauseMsFirst = 250;
const pauseMsMax = 10_000;
/** Having run this long, a process has proven that it can: its next end is a new story, restarted at once. */
const provenAfterMs = 10_000;

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly httpPort: number;
}

export interface Watcher {
  readonly log: (line: string) => void;
  /** What happened to the process, in a sentence. */
  readonly note: (text: string) => void;
  /** The process has another pid now. */
  readonly onChange: () => void;
}

export class SupervisedProcess {
  #child: ChildProcess | undefined;
  #supervision: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();
  #endAsked = false;

  constructor(
    readonly program: Program,
    readonly watcher: Watcher,
  ) {}

  get name(): string {
    return this.program.name;
  }

  /** `undefined` between two lives. */
  get pid(): number | undefined {
    return this.#child?.running === true ? this.#child.pid : undefined;
  }

  /** Resolves when the process is ready; a process that does not get ready is ended and its last lines are in the fault. */
  async start(signal: AbortSignal): Promise<void> {
    const child = await this.#spawn();
    try {
      await this.#ready(child, signal);
    } catch (error) {
      await child.kill();
      throw error;
    }
    this.#supervision = this.#supervise(child);
  }

  /** Whether it answers that it is ready now; never rejects. */
  async isReady(): Promise<boolean> {
    return isReady(this.program.httpPort);
  }

  /** SIGKILL, as a crash would; the supervision starts it again at once. */
  async kill(): Promise<void> {
    this.#endAsked = true;
    await this.#child?.kill();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#child?.stop('SIGTERM', stopGraceMs);
    await this.#supervision;
    // A restart may have been spawning while the process before it was stopped.
    await this.#child?.stop('SIGTERM', stopGraceMs);
  }

  async #spawn(): Promise<ChildProcess> {
    const { name, command, arguments: rest, env } = this.program;
    this.#endAsked = false;
    this.#child = await ChildProcess.start({ name, command, arguments: rest, env, log: this.watcher.log });
    this.watcher.onChange();
    return this.#child;
  }

  #ready(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const check = (): Promise<boolean> => this.isReady();
    return untilReady(child, { name: this.name, deadlineMs: readyDeadlineMs, signal, check });
  }

  async #supervise(first: ChildProcess): Promise<void> {
    const stopping = this.#stopping.signal;
    let child = first;
    let startedAtMs = Date.now();
    let failures = 0;
    for (;;) {
      const exit = await child.exited;
      if (stopping.aborted) return;
      const proven = this.#endAsked || Date.now() - startedAtMs >= provenAfterMs;
      failures = proven ? 0 : failures + 1;
      const pauseMs = failures <= 1 ? 0 : Math.min(pauseMsMax, pauseMsFirst * 2 ** (failures - 2));
      const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal;
      this.watcher.note(`${this.name} ended (${how}); starting it again${pauseMs === 0 ? '' : ` in ${pauseMs} ms`}.`);
      await sleep(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
      if (stopping.aborted) return;
      startedAtMs = Date.now();
      child = await this.#spawn();
      void this.#noteReady(child, startedAtMs);
    }
  }

  async #noteReady(child: ChildProcess, startedAtMs: number): Promise<void> {
    try {
      await this.#ready(child, this.#stopping.signal);
      this.watcher.note(`${this.name} is ready again after ${Date.now() - startedAtMs} ms.`);
    } catch {
      if (child.running && !this.#stopping.signal.aborted) {
        this.watcher.note(`${this.name} is not ready after ${readyDeadlineMs} ms; it keeps running.`);
      }
    }
  }
}

async function isReady(httpPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/readyz`, { signal: AbortSignal.timeout(probeTimeoutMs) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}
