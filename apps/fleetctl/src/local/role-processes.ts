/** The role processes of one fleet as a group: they start together or not at all, and stop together. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expired, missing } from '@toolfleet/kernel';
import type { LogLine } from './log-line.js';
import { nodeArguments, type ProcessPlan } from './plan.js';
import { SupervisedProcess } from './supervised-process.js';

const readyPollMs = 50;

export interface RoleProcessesOptions {
  readonly plans: readonly ProcessPlan[];
  /** Where an app's program is. */
  readonly programOf: (app: string) => string;
  /** Goes to every process, over what its plan says. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: (line: LogLine) => void;
  readonly onChange: () => void;
}

export class RoleProcesses {
  readonly #members: readonly { readonly plan: ProcessPlan; readonly process: SupervisedProcess }[];

  constructor(options: RoleProcessesOptions) {
    const { log, onChange } = options;
    this.#members = options.plans.map((plan) => ({
      plan,
      process: new SupervisedProcess(
        {
          name: plan.name,
          command: process.execPath,
          arguments: [...nodeArguments, options.programOf(plan.app), ...plan.arguments],
          env: { ...process.env, ...plan.env, ...options.env },
          httpPort: plan.httpPort,
        },
        {
          log: (text) => log({ source: plan.name, text }),
          note: (text) => log({ source: 'fleet', text }),
          onChange,
        },
      ),
    }));
  }

  /** Resolves when all are ready; when one fails the others are stopped and its fault is handed on. */
  async start(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const starts = this.#members.map(({ process }) =>
      process.start(either).catch((error: unknown) => failed.abort(error)),
    );
    await Promise.all(starts);
    if (!failed.signal.aborted) return;
    await this.stop();
    throw failed.signal.reason;
  }

  /** The living ones. */
  running(): { readonly plan: ProcessPlan; readonly pid: number }[] {
    return this.#members.flatMap(({ plan, process }) =>
      process.pid === undefined ? [] : [{ plan, pid: process.pid }],
    );
  }

  async kill(name: string): Promise<void> {
    const member = this.#members.find(({ plan }) => plan.name === name);
    if (member === undefined) {
      throw missing('PROCESS_UNKNOWN', `No process of the fleet is named "${name}".`, {
        alternatives: this.#members.map(({ plan }) => plan.name),
      });
    }
    await member.process.kill();
  }

  async untilReady(withinMs: number): Promise<void> {
    const deadlineAtMs = Date.now() + withinMs;
    let waiting = this.#members.map(({ process }) => process);
    for (;;) {
      const answers = await Promise.all(waiting.map((process) => process.isReady()));
      waiting = waiting.filter((_, index) => answers[index] !== true);
      if (waiting.length === 0) return;
      if (Date.now() >= deadlineAtMs) break;
      await sleep(readyPollMs);
    }
    const names = waiting.map(({ name }) => name).join(', ');
    throw expired('FLEET_NOT_READY', `Not ready within ${withinMs} ms: ${names}.`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map(({ process }) => process.stop()));
  }
}
